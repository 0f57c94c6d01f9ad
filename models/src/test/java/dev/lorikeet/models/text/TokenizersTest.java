package dev.lorikeet.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenizersTest {
    @TempDir
    Path directory;

    private void write(String file, String content) throws IOException {
        Files.writeString(directory.resolve(file), content);
    }

    @Test
    void the_byte_tokenizer_is_chosen_by_its_class_name() throws IOException {
        write("tokenizer_config.json", "{\"tokenizer_class\": \"LorikeetByteTokenizer\"}");
        assertThat(Tokenizers.open(directory)).isInstanceOf(ByteTokenizer.class);
    }

    @Test
    void a_byte_is_an_id_and_every_byte_sequence_decodes_to_itself() {
        var tokenizer = new ByteTokenizer();
        assertThat(tokenizer.encode("aé\n")).containsExactly(97, 0xC3, 0xA9, 10);
        byte[] bytes = new byte[2000];
        new Random(2).nextBytes(bytes);
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = bytes[i] & 0xFF;
        }
        assertThat(tokenizer.decodeBytes(ids)).isEqualTo(bytes);
        assertThat(tokenizer.decode(104, 105, 256)).isEqualTo("hi<|endoftext|>");
        assertThat(tokenizer.vocabularySize()).isEqualTo(257);
        assertThatThrownBy(() -> tokenizer.decode(257)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("257");
    }

    @Test
    void a_directory_without_a_tokenizer_names_the_files_looked_for() throws IOException {
        assertThatThrownBy(() -> Tokenizers.open(directory)).isInstanceOf(TokenizerException.class)
                .hasMessageContaining(directory.toString()).hasMessageContaining("tokenizer.json")
                .hasMessageContaining("vocab.json and merges.txt").hasMessageContaining("found none of them");
        write("vocab.json", "{}");
        assertThatThrownBy(() -> Tokenizers.open(directory)).hasMessageContaining("found only vocab.json");
        assertThatThrownBy(() -> Tokenizers.open(directory.resolve("nowhere")))
                .hasMessageContaining("found no such directory");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "{!mistake in line 1",
        "{}!a BPE model with vocab and merges",
        "{'model':{'type':'WordPiece','vocab':{'a':0},'merges':[]}}!a model of type WordPiece",
        "{'model':{'vocab':{'a':0},'merges':[]},'pre_tokenizer':{'type':'Metaspace'}}!Metaspace",
        "{'normalizer':{'type':'NFC'},'model':{'vocab':{'a':0},'merges':[]}}!no normalizer",
        "{'model':{'vocab':{'a':0},'merges':[],'ignore_merges':true}}!ignore_merges false",
        "{'model':{'vocab':{},'merges':[]},'pre_tokenizer':{'type':'ByteLevel'}}!found an empty one",
        "{'model':{'vocab':{'a':0,'b':0},'merges':[]},'pre_tokenizer':{'type':'ByteLevel'}}!one token per id",
        "{'model':{'vocab':{'a':'x'},'merges':[]},'pre_tokenizer':{'type':'ByteLevel'}}!an integer id for token 'a'",
        "{'model':{'vocab':{'a':0},'merges':['a b']},'pre_tokenizer':{'type':'ByteLevel'}}!merge 0 needs token 'b'",
        "{'model':{'vocab':{'a':0},'merges':['ab']},'pre_tokenizer':{'type':'ByteLevel'}}!merge 0: expected two tokens",
        "{'model':{'vocab':{'a':2000000000},'merges':[]},'pre_tokenizer':{'type':'ByteLevel'}}!ids from 0 on",
    })
    void a_tokenizer_json_that_would_give_other_ids_is_refused(String content, String message) throws IOException {
        write("tokenizer.json", content.replace('\'', '"'));
        assertThatThrownBy(() -> Tokenizers.open(directory)).isInstanceOf(TokenizerException.class)
                .hasMessageContaining("tokenizer.json").hasMessageContaining(message);
    }

    @Test
    void a_broken_merge_is_reported_with_its_line() throws IOException {
        write("vocab.json", "{\"a\": 0, \"b\": 1, \"ab\": 2}");
        write("merges.txt", "#version: 0.2\na b\nab\n");
        assertThatThrownBy(() -> Tokenizers.open(directory)).hasMessageContaining("merges.txt:3");
        write("merges.txt", "#version: 0.2\na b\nb a\n");
        assertThatThrownBy(() -> Tokenizers.open(directory)).hasMessageContaining("merges.txt:3 needs token 'ba'");
    }

    @Test
    void add_prefix_space_puts_a_blank_before_the_text() throws IOException {
        write("vocab.json", "{\"a\": 0, \"Ġ\": 1, \"Ġa\": 2}");
        write("merges.txt", "Ġ a\n");
        write("tokenizer_config.json", "{\"add_prefix_space\": true}");
        assertThat(Tokenizers.open(directory).encode("a a")).containsExactly(2, 2);
        assertThat(Tokenizers.open(directory).encode(" a")).containsExactly(2);
    }
}
