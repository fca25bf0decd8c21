//! Writes tiny ONNX models byte by byte, so that the engines are tested on any machine with answers known in closed form.

/// A protocol buffers message under construction.
#[derive(Clone, Default)]
pub struct Message(pub Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub fn int(mut self, field: u64, value: i64) -> Self {
        self.varint(field << 3);
        self.varint(value as u64);
        self
    }

    pub fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        self.varint(field << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend(value);
        self
    }

    pub fn text(self, field: u64, value: &str) -> Self {
        self.bytes(field, value.as_bytes())
    }

    pub fn message(self, field: u64, value: &Self) -> Self {
        self.bytes(field, &value.0)
    }
}

/// One operator of a graph.
pub struct Node {
    pub operator: &'static str,
    pub inputs: Vec<&'static str>,
    pub output: &'static str,
    pub ints: Vec<(&'static str, Vec<i64>)>,
    pub int: Vec<(&'static str, i64)>,
}

/// A named array of weights.
pub struct Weights {
    pub name: &'static str,
    pub dims: Vec<i64>,
    pub values: Vec<f32>,
}

/// A model with one input `image` and one output `map`. A dimension of 0 is free; no `output` shape leaves it undeclared.
pub struct Model {
    pub nodes: Vec<Node>,
    pub weights: Vec<Weights>,
    pub input: Vec<i64>,
    pub output: Option<Vec<i64>>,
    pub output_type: i64,
}

pub const FLOAT: i64 = 1;
pub const INT64: i64 = 7;

impl Model {
    pub fn to_bytes(&self) -> Vec<u8> {
        whole(&self.graph())
    }

    /// The graph alone, so that a test can add to it.
    pub fn graph(&self) -> Message {
        let mut graph = Message::default();
        for node in &self.nodes {
            graph = graph.message(1, &node_proto(node));
        }
        graph = graph.text(2, "handmade");
        for weights in &self.weights {
            graph = graph.message(5, &tensor_proto(weights));
        }
        graph
            .message(11, &value_info("image", FLOAT, Some(&self.input)))
            .message(12, &value_info("map", self.output_type, self.output.as_deref()))
    }
}

/// A file around a graph.
pub fn whole(graph: &Message) -> Vec<u8> {
    let opset = Message::default().text(1, "").int(2, 17);
    Message::default().int(1, 8).text(2, "handmade").message(7, graph).message(8, &opset).0
}

/// A convolution with `weights` and `bias` arrays, square kernel, and the padding that keeps the size.
pub fn convolution(output: &'static str, kernel: i64) -> Node {
    let pad = kernel / 2;
    Node {
        operator: "Conv",
        inputs: vec!["image", "weights", "bias"],
        output,
        ints: vec![("kernel_shape", vec![kernel; 2]), ("strides", vec![1; 2]), ("dilations", vec![1; 2]), ("pads", vec![pad; 4])],
        int: vec![("group", 1)],
    }
}

pub fn node(operator: &'static str, input: &'static str, output: &'static str, int: &[(&'static str, i64)]) -> Node {
    Node { operator, inputs: vec![input], output, ints: vec![], int: int.to_vec() }
}

pub fn node_proto(node: &Node) -> Message {
    let mut proto = Message::default();
    for input in &node.inputs {
        proto = proto.text(1, input);
    }
    proto = proto.text(2, node.output).text(3, &format!("{}_node", node.operator)).text(4, node.operator);
    for (name, values) in &node.ints {
        let mut attribute = Message::default().text(1, name);
        for &value in values {
            attribute = attribute.int(8, value);
        }
        proto = proto.message(5, &attribute.int(20, 7));
    }
    for &(name, value) in &node.int {
        proto = proto.message(5, &Message::default().text(1, name).int(3, value).int(20, 2));
    }
    proto
}

fn tensor_proto(weights: &Weights) -> Message {
    let mut proto = Message::default();
    for &dim in &weights.dims {
        proto = proto.int(1, dim);
    }
    let raw: Vec<u8> = weights.values.iter().flat_map(|v| v.to_le_bytes()).collect();
    proto.int(2, FLOAT).text(8, weights.name).bytes(9, &raw)
}

pub fn value_info(name: &str, element: i64, shape: Option<&[i64]>) -> Message {
    let mut tensor = Message::default().int(1, element);
    if let Some(shape) = shape {
        let mut proto = Message::default();
        for (axis, &dim) in shape.iter().enumerate() {
            let free = Message::default().text(2, &format!("axis{axis}"));
            proto = proto.message(1, &if dim == 0 { free } else { Message::default().int(1, dim) });
        }
        tensor = tensor.message(2, &proto);
    }
    Message::default().text(1, name).message(2, &Message::default().message(1, &tensor))
}
