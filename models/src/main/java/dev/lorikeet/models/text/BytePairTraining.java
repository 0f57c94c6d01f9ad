package dev.lorikeet.models.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;

/// Learns a byte-level BPE vocabulary (Sennrich et al. 2016, on bytes as in GPT-2): the words of the text start as
/// bytes, and the most frequent pair of neighbours becomes a new token, again and again, until the vocabulary is full
/// or no pair occurs twice. Of equally frequent pairs the one with the smaller ids is taken, as in Hugging Face's
/// `tokenizers`; the same text gives the same vocabulary.
public final class BytePairTraining {
    private static final int LONGEST_WORD = 64;

    private final Map<String, long[]> counts = new HashMap<>();

    /// A pair of ids, how often it occurs, and the words that it may occur in.
    private static final class Pair {
        private final Set<Integer> words = new HashSet<>();
        private long count;
    }

    /// A pair as the queue of candidates has it; stale if its count has changed since.
    private record Candidate(long pair, long count) implements Comparable<Candidate> {
        @Override
        public int compareTo(Candidate other) {
            return count == other.count ? Long.compare(pair, other.pair) : Long.compare(other.count, count);
        }
    }

    /// Counts the words of a text. Runs of more than 64 characters are no words worth a token and are left out.
    public void add(String text) {
        for (int at = 0; at < text.length(); ) {
            int end = WordScanner.endOfWord(text, at, text.length());
            if (end - at <= LONGEST_WORD) {
                counts.computeIfAbsent(text.substring(at, end), _ -> new long[1])[0]++;
            }
            at = end;
        }
    }

    /// Special tokens first, then the 256 bytes, then merged tokens up to `size` of all.
    ///
    /// @throws IllegalArgumentException if `size` has no room for the bytes, or no text was given
    public BytePairVocabulary learn(int size, List<String> special) {
        if (size < special.size() + 256) {
            throw new IllegalArgumentException("a vocabulary needs at least %d tokens: 256 bytes and %s; found %d"
                    .formatted(special.size() + 256, special, size));
        }
        if (counts.isEmpty()) {
            throw new IllegalArgumentException("a vocabulary is learned from text, but there is none");
        }
        return new Run(special).learn(size);
    }

    /// One run over the counted words.
    private final class Run {
        private final List<String> special;
        private final List<String> tokens = new ArrayList<>();
        private final Map<String, Integer> idOfToken = new HashMap<>();
        private final List<BytePairVocabulary.Merge> merges = new ArrayList<>();
        private final List<int[]> words = new ArrayList<>();
        private final List<Long> frequencies = new ArrayList<>();
        private final Map<Long, Pair> pairs = new HashMap<>();
        private final PriorityQueue<Candidate> queue = new PriorityQueue<>();

        Run(List<String> special) {
            this.special = special;
            special.forEach(this::id);
            int[] idOfByte = addBytes();
            counts.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(entry -> {
                byte[] bytes = entry.getKey().getBytes(StandardCharsets.UTF_8);
                int[] ids = new int[bytes.length];
                for (int i = 0; i < ids.length; i++) {
                    ids[i] = idOfByte[bytes[i] & 0xFF];
                }
                words.add(ids);
                frequencies.add(entry.getValue()[0]);
            });
            for (int w = 0; w < words.size(); w++) {
                count(w, 1, new HashSet<>());
            }
            pairs.forEach((pair, found) -> queue.add(new Candidate(pair, found.count)));
        }

        /// The bytes in the order of the characters that stand for them.
        private int[] addBytes() {
            var alphabet = new ByteAlphabet();
            Map<Character, Integer> byteOf = new TreeMap<>();
            for (int b = 0; b < 256; b++) {
                byteOf.put(alphabet.charOf(b), b);
            }
            int[] idOfByte = new int[256];
            byteOf.forEach((character, b) -> {
                idOfByte[b] = id(String.valueOf(character));
            });
            return idOfByte;
        }

        /// The id of a token, the next free one if it is new: two pairs may spell the same.
        private int id(String token) {
            return idOfToken.computeIfAbsent(token, _ -> {
                tokens.add(token);
                return tokens.size() - 1;
            });
        }

        BytePairVocabulary learn(int size) {
            while (tokens.size() < size && !queue.isEmpty()) {
                Candidate best = queue.poll();
                Pair found = pairs.get(best.pair());
                if (found == null || found.count != best.count()) {
                    continue;
                }
                if (found.count < 2) {
                    break;
                }
                pairs.remove(best.pair());
                merge((int) (best.pair() >>> 32), (int) best.pair(), found.words);
            }
            return new BytePairVocabulary(special, tokens, merges);
        }

        private void merge(int left, int right, Set<Integer> where) {
            String token = tokens.get(left) + tokens.get(right);
            if (special.contains(token)) {
                return;     // the name of a special token in the text stays ordinary text
            }
            int merged = id(token);
            merges.add(new BytePairVocabulary.Merge(tokens.get(left), tokens.get(right)));
            Set<Long> changed = new HashSet<>();
            for (int word : where) {
                count(word, -1, changed);
                words.set(word, join(words.get(word), left, right, merged));
                count(word, 1, changed);
            }
            for (long key : changed) {
                Pair now = pairs.get(key);
                if (now.count > 0) {
                    queue.add(new Candidate(key, now.count));
                } else {
                    pairs.remove(key);
                }
            }
        }

        private static int[] join(int[] ids, int left, int right, int merged) {
            var joined = new Ids(ids.length);
            for (int i = 0; i < ids.length; i++) {
                if (ids[i] == left && i + 1 < ids.length && ids[i + 1] == right) {
                    joined.add(merged);
                    i++;
                } else {
                    joined.add(ids[i]);
                }
            }
            return joined.toArray();
        }

        /// Adds the pairs of a word to the counts, or takes them away.
        private void count(int word, int sign, Set<Long> touched) {
            int[] ids = words.get(word);
            for (int i = 0; i + 1 < ids.length; i++) {
                long key = (long) ids[i] << 32 | ids[i + 1];
                Pair pair = pairs.computeIfAbsent(key, _ -> new Pair());
                pair.count += sign * frequencies.get(word);
                if (sign > 0) {
                    pair.words.add(word);
                }
                touched.add(key);
            }
        }
    }
}
