import { ClipError } from './errors.js';

/** Scales each row of `vectors` [rows, width] to length 1, in place. */
export function normalizeRows(vectors: Float32Array, width: number): Float32Array {
  for (let at = 0; at < vectors.length; at += width) {
    let square = 0;
    for (let i = at; i < at + width; i++) square += vectors[i]! * vectors[i]!;
    const scale = 1 / Math.max(Math.sqrt(square), 1e-12);
    for (let i = at; i < at + width; i++) vectors[i]! *= scale;
  }
  return vectors;
}

/** Softmax of a list of logits. */
export function softmax(logits: readonly number[]): number[] {
  const peak = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - peak));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}

/** Puts a label into a template: `'a photo of {}'`. */
export function fillTemplate(template: string, label: string): string {
  if (!template.includes('{}'))
    throw new ClipError({
      code: 'CLIP_TEMPLATE',
      message: `the template ${JSON.stringify(template)} has no {}.`,
      fix: "Mark the label's place with {}, as in 'a photo of {}'.",
    });
  return template.replaceAll('{}', label);
}

/**
 * One vector per class from the vectors of its prompts: each is normalised, then their mean, then that again
 * (Radford et al. 2021, section 3.1.4). `prompts` [classes · templates, width], normalised, templates of a class together → [classes, width]
 */
export function ensemble(prompts: Float32Array, templates: number, width: number): Float32Array {
  const classes = prompts.length / (templates * width);
  const out = new Float32Array(classes * width);
  for (let c = 0; c < classes; c++)
    for (let t = 0; t < templates; t++)
      for (let i = 0; i < width; i++) out[c * width + i]! += prompts[(c * templates + t) * width + i]! / templates;
  return normalizeRows(out, width);
}
