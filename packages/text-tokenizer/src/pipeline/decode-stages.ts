/**
 * One decoder of a tokenizer.json as a stream, so that whole and streaming decoding are one thing. `push` takes a token and passes on what is
 * settled; `flush` passes on what was held back, and leaves the state as new.
 */
export interface DecodeStage {
  push(token: string, emit: (piece: string) => void): void;
  flush(emit: (piece: string) => void): void;
}

/** Makes the state of one decoding; what it emits is joined without anything between. */
export type Decoder = () => DecodeStage;

/** Every decoder works on what the one before it passes on. */
export function chainDecoders(decoders: readonly Decoder[]): Decoder {
  if (decoders.length === 1) return decoders[0]!;
  return () => {
    const stages = decoders.map((decoder) => decoder());
    const from = (i: number, emit: (piece: string) => void) => (piece: string) => {
      const stage = stages[i];
      if (stage === undefined) emit(piece);
      else stage.push(piece, from(i + 1, emit));
    };
    return {
      push: (token, emit) => from(0, emit)(token),
      flush(emit) {
        stages.forEach((stage, i) => {
          stage.flush(from(i + 1, emit));
        });
      },
    };
  };
}
