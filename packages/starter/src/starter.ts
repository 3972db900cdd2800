/** What is known of the embedded model before its weights are read. */
export interface StarterInfo {
  /** The name of its space. */
  readonly space: string;
  /** Length of its vectors. */
  readonly width: number;
  /** Side of the pictures that it sees, in pixels. */
  readonly imageSize: number;
  /** Languages of the captions that it learnt, as BCP 47 has them. */
  readonly languages: readonly string[];
  /** Files of the model folder, with forward slashes: what to serve to a browser. */
  readonly files: readonly string[];
}

/** The embedded default: a small CLIP that was trained on emoji; its folder in Node is `starterFolder` of `@polymodal/starter/node`. */
export const starter: StarterInfo = {
  space: 'emoji-clip-v1',
  width: 128,
  imageSize: 32,
  languages: ['en', 'zh'],
  files: [
    'README.md',
    'config.json',
    'eval.json',
    'model.safetensors',
    'onnx/text_model.onnx',
    'onnx/text_model_quantized.onnx',
    'onnx/vision_model.onnx',
    'onnx/vision_model_quantized.onnx',
    'preprocessor_config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'training.json',
  ],
};
