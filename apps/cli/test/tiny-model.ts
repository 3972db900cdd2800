import { dualEncoder, parseClipConfig } from '@polymodal/clip';
import { saveClip } from '@polymodal/clip/node';
import { initialize } from '@polymodal/nn';
import { trainTokenizer } from '@polymodal/text-tokenizer';

/** Writes a whole model folder with random weights: real in every part, though it knows nothing. */
export async function writeTinyModel(folder: string, seed: number): Promise<void> {
  const tokenizer = await trainTokenizer(['a red heart', '下雨天'], {
    kind: 'byte-level-bpe',
    vocabularySize: 300,
    addPrefixSpace: true,
    specialTokens: { padding: '<|padding|>', end: '<|endoftext|>' },
    modelMaxLength: 16,
  });
  const config = parseClipConfig({
    model_type: 'clip',
    space_name: `tiny-${seed}`,
    projection_dim: 16,
    logit_scale_init_value: Math.log(20),
    text_config: {
      model_type: 'polymodal_bag_of_tokens',
      vocab_size: tokenizer.vocabularySize,
      embedding_size: 16,
      hidden_size: 16,
      intermediate_size: 32,
      max_position_embeddings: 16,
      pad_token_id: 0,
    },
    vision_config: { model_type: 'polymodal_convolutional', image_size: 32, hidden_size: 16, stage_sizes: [8, 8], stage_blocks: [0, 1] },
  });
  const model = dualEncoder(config);
  await saveClip(folder, {
    model,
    weights: initialize(model, seed),
    tokenizer,
    preprocessor: {
      do_resize: true,
      size: { height: 32, width: 32 },
      resample: 3,
      do_center_crop: false,
      do_rescale: true,
      rescale_factor: 1 / 255,
      do_normalize: true,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
      do_convert_rgb: true,
      image_processor_type: 'CLIPImageProcessor',
    },
  });
}
