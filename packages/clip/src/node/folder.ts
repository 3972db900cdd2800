/** Files of a model folder: the layout of the Hugging Face hub, which transformers.js reads. */
export const folderFiles = {
  config: 'config.json',
  weights: 'model.safetensors',
  tokenizer: 'tokenizer.json',
  tokenizerConfig: 'tokenizer_config.json',
  preprocessor: 'preprocessor_config.json',
  textModel: 'onnx/text_model.onnx',
  visionModel: 'onnx/vision_model.onnx',
  quantizedTextModel: 'onnx/text_model_quantized.onnx',
  quantizedVisionModel: 'onnx/vision_model_quantized.onnx',
} as const;
