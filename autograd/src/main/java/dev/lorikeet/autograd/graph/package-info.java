/// What a step looks like: the ops of a traced tape as a picture, frozen parts grey, the way of the gradient in colour.
///
/// [GraphDrawing] turns `tape.trace()` into a self-contained SVG, or into DOT text for Graphviz. One glance shows what
/// the rules of `dev.lorikeet.autograd` mean in practice: below the first adapter everything is grey and nothing is
/// saved.
///
/// Inside, a [Graph] is what was traced without its tensors; [Layers] puts each op below its inputs and lets long edges
/// pass through every layer on the way; [Placement] finds horizontal positions; [SvgText] and [DotText] write.
///
/// Read next: `dev.lorikeet.nn`, layers composed of ops.
package dev.lorikeet.autograd.graph;
