package dev.lorikeet.autograd.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.TestEngine;
import dev.lorikeet.autograd.Traced;
import dev.lorikeet.autograd.op.Add;
import dev.lorikeet.autograd.op.Scale;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXParseException;

class GraphDrawingTest {
    private static List<Traced> trace(Function<TestEngine, List<Traced>> graph) {
        try (TestEngine engine = new TestEngine()) {
            return graph.apply(engine);
        }
    }

    private static Document parse(String svg) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        DocumentBuilder builder = factory.newDocumentBuilder();
        builder.setErrorHandler(null);   // by default it prints what it throws
        return builder.parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<Element> elements(Document document, String tag) {
        NodeList nodes = document.getElementsByTagName(tag);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    private static List<String> dotLines(List<Traced> trace, String part) {
        return GraphDrawing.of(trace).dot().lines().filter(line -> line.contains(part)).toList();
    }

    // --- colours ---------------------------------------------------------------------------------------------------

    @Test
    void frozen_weights_and_what_carries_no_gradient_are_grey_in_dot() {
        List<Traced> lora = trace(SampleGraphs::composedLora);
        assertThat(dotLines(lora, "label=\"W₀\"")).singleElement().asString()
                .contains("fillcolor=\"" + Palette.GREY_FILL).doesNotContain(Palette.GRADIENT);
        assertThat(dotLines(lora, "label=\"lora_")).hasSize(2).allSatisfy(line -> assertThat(line)
                .contains("color=\"" + Palette.GRADIENT));
        // n0 is the input, n1 the frozen projection, n2 and n3 the products with A and B, n4 their sum
        for (String grey : List.of("n0 -> n1", "n0 -> n2", "n1 -> n4", "w0 -> n1", "w1 -> n1")) {
            assertThat(dotLines(lora, grey)).singleElement().asString()
                    .contains("color=\"" + Palette.GREY + "\"").doesNotContain(Palette.GRADIENT);
        }
        for (String coloured : List.of("n2 -> n3", "n3 -> n4", "w2 -> n2", "w3 -> n3")) {
            assertThat(dotLines(lora, coloured)).singleElement().asString()
                    .contains("color=\"" + Palette.GRADIENT + "\"").doesNotContain(Palette.GREY);
        }
    }

    @Test
    void ops_that_were_not_recorded_are_grey_and_the_others_say_what_they_save() {
        List<Traced> lora = trace(SampleGraphs::composedLora);
        assertThat(dotLines(lora, "  n1 [")).singleElement().asString()
                .contains("Linear\\n(5, 6)\"", "fillcolor=\"" + Palette.GREY_FILL);
        assertThat(dotLines(lora, "  n3 [")).singleElement().asString()
                .contains("MatMul\\n(5, 6)\\nsaves 512 B", "fillcolor=\"" + Palette.OP_FILL);
    }

    @Test
    void svg_has_a_coloured_line_for_each_way_a_gradient_takes_and_a_grey_one_for_the_rest() throws Exception {
        Document svg = parse(GraphDrawing.of(trace(SampleGraphs::gpt2)).svg());
        List<String> strokes = elements(svg, "path").stream().map(path -> path.getAttribute("stroke")).toList();
        int legend = 1;
        // from LowRankDelta on: 11 steps down and one residual connection; A and B
        assertThat(strokes).filteredOn(Palette.GRADIENT::equals).hasSize(legend + 11 + 1 + 2);
        // above: 13 steps down, two whole residuals and one that ends in the coloured part, the delta's input; 29
        // weights
        assertThat(strokes).filteredOn(Palette.GREY::equals).hasSize(legend + 13 + 3 + 1 + 29);
        List<Element> boxes = elements(svg, "rect");
        List<String> fills = boxes.stream().map(box -> box.getAttribute("fill")).toList();
        assertThat(fills).filteredOn(Palette.TRAINABLE_FILL::equals).hasSize(legend + 2);
        assertThat(fills).filteredOn(Palette.OP_FILL::equals).hasSize(legend + 12);
    }

    @Test
    void svg_names_ops_weights_shapes_and_saved_bytes() throws Exception {
        Document svg = parse(GraphDrawing.of(trace(SampleGraphs::gpt2)).svg());
        assertThat(elements(svg, "text")).extracting(Element::getTextContent)
                .contains("LowRankDelta", "LinearCrossEntropy", "transformer.h.1.attn.c_attn.lora_A (4, 8)", "(8, 24)",
                        "(8, 24), saves 1 KiB", "25 ops, 12 recorded, 8.5 KiB saved", "trainable weight",
                        "no gradient");
    }

    // --- documents -------------------------------------------------------------------------------------------------

    @Test
    void names_are_escaped() throws Exception {
        List<Traced> odd = trace(engine -> {
            try (Tape tape = Tape.traced(engine.pool(), null)) {
                Scale.apply(tape, engine.trainable("<w & \"v\\\">", 2), 1);
                return tape.trace();
            }
        });
        assertThat(elements(parse(GraphDrawing.of(odd).svg()), "text"))
                .extracting(Element::getTextContent).contains("<w & \"v\\\"> (2)");
        assertThat(GraphDrawing.of(odd).dot()).contains("label=\"<w & \\\"v\\\\\\\">\"");
        assertThatThrownBy(() -> parse("<svg><text>a & b</text></svg>"))
                .as("the parser of this test sees such mistakes").isInstanceOf(SAXParseException.class);
    }

    @Test
    void svg_stands_alone() throws Exception {
        String svg = GraphDrawing.of(trace(SampleGraphs::gpt2)).svg();
        Element root = parse(svg).getDocumentElement();
        assertThat(root.getTagName()).isEqualTo("svg");
        assertThat(root.getAttribute("viewBox")).matches("0 0 [0-9.]+ [0-9.]+");
        assertThat(svg).doesNotContain("href", "url(", "<script", "NaN", "Infinity", "E-");
    }

    @Test
    void the_same_graph_is_always_drawn_the_same() {
        for (Function<TestEngine, List<Traced>> graph : List.<Function<TestEngine, List<Traced>>>of(
                SampleGraphs::composedLora, SampleGraphs::gpt2, SampleGraphs::separateProjections)) {
            assertThat(GraphDrawing.of(trace(graph)).svg()).isEqualTo(GraphDrawing.of(trace(graph)).svg());
            assertThat(GraphDrawing.of(trace(graph)).dot()).isEqualTo(GraphDrawing.of(trace(graph)).dot());
        }
    }

    @Test
    void a_weight_that_two_ops_use_is_one_node_in_dot_and_stands_beside_both_in_svg() {
        List<Traced> gpt2 = trace(SampleGraphs::gpt2);
        assertThat(dotLines(gpt2, "label=\"transformer.wte.weight\"")).hasSize(1);
        assertThat(dotLines(gpt2, "w0 -> ")).hasSize(2);
        assertThat(GraphDrawing.of(gpt2).svg().split("transformer.wte.weight", -1)).hasSize(3);
    }

    @Test
    void an_empty_step_is_an_empty_drawing() throws Exception {
        assertThat(parse(GraphDrawing.of(List.of()).svg()).getDocumentElement().getTagName()).isEqualTo("svg");
        assertThat(GraphDrawing.of(List.of()).dot()).startsWith("digraph").endsWith("}\n");
    }

    @Test
    void an_op_that_uses_one_activation_twice_has_two_lines() {
        List<Traced> twice = trace(engine -> {
            try (Tape tape = Tape.traced(engine.pool(), null)) {
                var x = tape.constant(engine.normal(2, 3));
                Add.apply(tape, x, x);
                return tape.trace();
            }
        });
        assertThat(dotLines(twice, "n0 -> n1")).hasSize(2);
    }

    @Test
    void bytes_are_written_for_people() {
        assertThat(List.of(0L, 512L, 1024L, 1536L, 3L << 20, 5L << 30)).extracting(Graph::bytes)
                .containsExactly("0 B", "512 B", "1 KiB", "1.5 KiB", "3 MiB", "5 GiB");
    }
}
