#include "tests/onnx/written_models.h"

#include "ops/ops.h"
#include "train/layers/layers.h"

namespace hekla::testing {

namespace {

// A layer behind nothing, on a batch of this shape.
struct Single {
  std::string name;
  std::vector<Layer> layers;
  Shape example;
  DType dtype = DType::f32;
};

std::vector<Single> singles() {
  const Shape row{5};
  const Shape sequence{6, 4};
  const Shape image{7, 6, 3};
  const Shape volume{4, 5, 3, 2};
  return {
      {"dense", {Dense(4, relu)}, row},
      {"dense_of_sequence", {Dense(4, "tanh")}, sequence},
      {"activations",
       {Dense(8), ELU(), Dense(8), LeakyReLU(), Dense(8), ReLU({.max_value = 6}), Dense(8), Softmax(),
        Dense(8, "gelu"), Dense(8, "selu"), Dense(8, "softplus"), Dense(8, "hard_sigmoid"), Dense(8, "silu"),
        Dense(8, "mish")},
       row},
      {"prelu", {PReLU()}, row},
      {"flatten", {Conv2D(2, 3), Flatten(), Dense(3)}, image},
      {"conv1d", {Conv1D(4, 3, "relu", {.padding = "causal"})}, sequence},
      {"conv2d", {Conv2D(4, {3, 2}, "relu", {.strides = 2, .padding = "same"})}, image},
      {"conv2d_dilated", {Conv2D(4, 2, {.dilation_rate = 2, .use_bias = false})}, image},
      {"conv2d_groups", {Conv2D(6, 2, {.groups = 3})}, image},
      {"conv3d", {Conv3D(3, 2)}, volume},
      {"conv2d_transpose", {Conv2DTranspose(2, 3, {.strides = 2, .padding = "same"})}, image},
      {"conv2d_transpose_valid", {Conv2DTranspose(2, 2, {.strides = 3})}, image},
      {"depthwise", {DepthwiseConv2D(3, {.depth_multiplier = 2})}, image},
      {"separable", {SeparableConv2D(4, 3)}, image},
      {"max_pooling", {MaxPooling2D(2), MaxPooling2D(2, {.padding = "same"})}, image},
      {"average_pooling", {AveragePooling2D(3, {.strides = 2, .padding = "same"})}, image},
      {"global_pooling", {Conv2D(4, 3, "relu"), GlobalAveragePooling2D(), Dense(2)}, image},
      {"global_max", {GlobalMaxPooling1D()}, sequence},
      {"batch_normalization", {Conv2D(4, 3), BatchNormalization(), Activation(relu)}, image},
      {"batch_normalization_of_rows", {BatchNormalization()}, row},
      {"layer_normalization", {LayerNormalization()}, sequence},
      {"group_normalization", {GroupNormalization(2)}, {3, 3, 4}},
      {"rms_normalization", {RMSNormalization()}, sequence},
      {"unit_normalization", {UnitNormalization()}, sequence},
      {"embedding", {Embedding(11, 3)}, {5}, DType::i32},
      {"lstm", {LSTM(3, {.return_sequences = true}), LSTM(4)}, sequence},
      {"gru", {GRU(3, {.return_sequences = true}), GRU(4)}, sequence},
      {"simple_rnn", {SimpleRNN(3, {.return_sequences = true}), SimpleRNN(4)}, sequence},
      {"bidirectional",
       {Bidirectional(LSTM(3, {.return_sequences = true})), Bidirectional(GRU(2))},
       sequence},
      {"masked_lstm", {Embedding(7, 3, {.mask_zero = true}), LSTM(3)}, {5}, DType::i32},
      {"attention", {MultiHeadAttention(2, 3), LayerNormalization()}, sequence},
      {"causal_attention", {MultiHeadAttention(2, 3, {.use_causal_mask = true})}, sequence},
      {"reshape", {Reshape({2, 12}), Permute({2, 1}), Flatten(), RepeatVector(3)}, sequence},
      {"borders", {ZeroPadding2D(1), Cropping2D(2), UpSampling2D(2)}, image},
      {"resizing", {Resizing(5, 9), Rescaling(0.5, 1)}, image},
      {"noise", {Dropout(0.5), GaussianNoise(0.3), Dense(3)}, row},
      {"conv_lstm", {ConvLSTM2D(2, 2)}, {3, 4, 4, 2}},
      {"cells", {RNN(StackedRNNCells({LSTMCell(3), GRUCell(2)}), {.return_sequences = true})}, sequence},
      {"grouped_attention", {GroupQueryAttention(3, 4, 2)}, sequence},
      {"einsum_dense", {EinsumDense("...x,xy->...y", {5}, {.bias_axes = "y"})}, sequence},
      {"time_distributed", {TimeDistributed(Dense(3, "relu"))}, sequence},
      {"normalization",
       {Normalization({.axis = {}, .mean = constant(0.5), .variance = constant(2)}), Dense(2)},
       row},
      {"categories", {CategoryEncoding(6, {.output_mode = "multi_hot"})}, {3}, DType::i32},
      {"augmentation", {RandomFlip(), RandomContrast(0.2), RandomHue(0.1), AutoContrast()}, image},
      {"masking", {Masking(), GRU(3)}, sequence},
      {"bytes", {Rescaling(1 / 255.0), Flatten(), Dense(3)}, {4, 4}, DType::u8},
  };
}

// Other numbers than zeros and ones in the weights that start so.
void draw_weights(const Model& model) {
  int seed = 1;
  for (const Tensor& weight : model.weights()) {
    const bool is_variance = weight.node().label.ends_with("variance");
    const Tensor drawn = random_normal(weight.shape(), random_key(static_cast<std::uint32_t>(seed++))) * 0.5;
    assign(weight, is_variance ? abs(drawn) + 0.5 : drawn);
  }
}

Tensor batch_of(const Shape& example, DType dtype, std::int64_t count) {
  Shape shape{count};
  for (const std::int64_t size : example) shape.push_back(size);
  const Tensor drawn = random_normal(shape, random_key(7));
  if (is_float(dtype)) return drawn.detach();
  return cast(floor(abs(drawn) * 2), dtype).detach();
}

// Two convolutions around which the input goes, as residual networks have them.
struct Block {
  Conv2D first{4, 3, {.padding = "same"}}, second{4, 3, {.padding = "same"}};
  BatchNormalization normalize{BatchNormalizationOptions{}}, normalize_again{BatchNormalizationOptions{}};
  Tensor operator()(const Tensor& x, const Mode& mode) const {
    const Tensor y = normalize_again(second(relu(normalize(first(x, mode), mode)), mode), mode);
    return relu(x + y);
  }
};

struct TwoInputs {
  Dense left{4}, right{4}, both{2};
  std::vector<Tensor> operator()(const std::vector<Tensor>& x, const Mode& mode) const {
    const Tensor joined = concat({left(x[0], mode), right(x[1], mode)}, -1);
    return {both(relu(joined), mode), argmax(joined, -1)};
  }
};

}  // namespace

std::vector<WrittenModel> written_models() {
  set_random_seed(1);
  std::vector<WrittenModel> models;
  const auto add = [&](std::string name, const Model& model, const Layer& function,
                       std::vector<Tensor> inputs) {
    draw_weights(model);
    models.push_back({std::move(name), model, function, std::move(inputs)});
  };
  for (const Single& single : singles()) {
    Sequential model(single.layers);
    model.build(single.example, single.dtype);
    add(single.name, model, Layer(Model(model)), {batch_of(single.example, single.dtype, 3)});
  }
  Sequential residual(
      {Conv2D(4, 3, {.padding = "same"}), Block{}, Block{}, GlobalAveragePooling2D(), Dense(3, "softmax")});
  residual.build({8, 8, 3});
  add("residual", residual, Layer(Model(residual)), {batch_of({8, 8, 3}, f32, 4)});
  const Layer two_inputs{TwoInputs{}};
  Model two(two_inputs);
  two.build_all({{3}, {2}});
  add("two_inputs", two, two_inputs, {batch_of({3}, f32, 5), batch_of({2}, f32, 5)});
  return models;
}

}  // namespace hekla::testing
