import type { Quality } from '../quality.js';

/** One picture found. */
export interface DemoHit {
  readonly rank: number;
  readonly score: number;
  readonly names: { readonly en: string; readonly zh: string };
  readonly path: string;
}

export interface DemoAnswer {
  /** The words, or what the query picture shows. */
  readonly query: string;
  readonly language: 'en' | 'zh';
  /** The query picture's file, where the query is one. */
  readonly picture?: string;
  readonly hits: readonly DemoHit[];
  readonly embedMs: number;
  readonly searchMs: number;
}

export interface DemoTimings {
  readonly loadModelMs: number;
  readonly readPicturesMs: number;
  readonly embedPicturesMs: number;
  readonly contactSheetMs: number;
  readonly totalMs: number;
}

/** What the demo shows, before it is drawn. */
export interface DemoResult {
  readonly model: { readonly name: string; readonly fingerprint: string };
  readonly pictures: number;
  readonly quality: Quality | undefined;
  readonly answers: readonly DemoAnswer[];
}
