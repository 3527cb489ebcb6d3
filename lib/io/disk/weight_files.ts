/** Which files of a model's folder hold weights. */

/** Files that hold weights, by their ends. */
export const WEIGHT_FILES =
  /\.(?:safetensors|bin|pt|pth|ckpt|h5|msgpack|gguf|onnx|onnx[._]data(?:_\d+)?|npz)$/i;
