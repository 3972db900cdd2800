import { ClipError } from './errors.js';

/** A label and the probability that it fits. */
export interface Classification {
  readonly label: string;
  readonly score: number;
}

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
function softmax(logits: readonly number[]): number[] {
  const peak = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = logits.map((logit) => Math.exp(logit - peak));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}

/** Puts a label into a template: `'a photo of {}'`. */
function fillTemplate(template: string, label: string): string {
  if (typeof template !== 'string' || !template.includes('{}'))
    throw new ClipError({
      code: 'CLIP_TEMPLATE',
      message: `the template ${JSON.stringify(template)} has no {}.`,
      fix: "Mark the label's place with {}, as in 'a photo of {}'.",
    });
  // Split and join, since a label may hold what replaceAll reads as a pattern, such as $&.
  return template.split('{}').join(label);
}

/** Every label in every template, templates of a label together. */
export function classPrompts(
  labels: readonly string[],
  template: string | readonly string[],
): { readonly prompts: string[]; readonly templates: number } {
  if (!Array.isArray(labels) || labels.length === 0 || !labels.every((label) => typeof label === 'string'))
    throw new ClipError({
      code: 'CLIP_LABELS',
      message: 'labels are a list of at least one string, but something else was given.',
      fix: "Pass labels as in ['a cat', 'a dog'].",
    });
  const templates = typeof template === 'string' ? [template] : template;
  if (!Array.isArray(templates) || templates.length === 0)
    throw new ClipError({
      code: 'CLIP_TEMPLATE',
      message: 'the list of templates is empty.',
      fix: "Pass at least one, such as '{}', or leave it out.",
    });
  return { prompts: labels.flatMap((label) => templates.map((one) => fillTemplate(one, label))), templates: templates.length };
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

/** Labels by the softmax of their scaled similarity to `vector`, best first. `classes` [labels, width], `vector` [width] */
export function rankClasses(labels: readonly string[], classes: Float32Array, vector: Float32Array, logitScale: number): Classification[] {
  const width = vector.length;
  const logits = labels.map((_, c) => {
    let dot = 0;
    for (let i = 0; i < width; i++) dot += classes[c * width + i]! * vector[i]!;
    return dot * logitScale;
  });
  const scores = softmax(logits);
  return labels.map((label, i) => ({ label, score: scores[i]! })).sort((a, b) => b.score - a.score);
}
