/**
 * One decoder of a tokenizer.json as a stream, so that whole and streaming decoding are one thing. `push` takes a token and passes on what is
 * settled; `flush` passes on what was held back, and leaves the state as new.
 */
export interface DecodeStage {
  push(token: string, emit: (piece: string) => void): void;
  flush(emit: (piece: string) => void): void;
}

/** Makes the state of one decoding; what it emits is joined without anything between. */
export interface Decoder {
  (): DecodeStage;
  /** Is all that it emits one token for the decoders after it (Fuse)? */
  readonly fuses?: boolean;
  /** The same decoder for a token that comes in parts, as after a Fuse; where there is none, the parts are gathered until the end. */
  readonly ofParts?: () => DecodeStage;
}

/** Holds everything back: for decoders that must see a whole token. */
const gather: Decoder = () => {
  let text = '';
  return {
    push(part) {
      text += part;
    },
    flush(emit) {
      if (text !== '') emit(text);
      text = '';
    },
  };
};

/** Every decoder works on what the one before it passes on. */
export function chainDecoders(decoders: readonly Decoder[]): Decoder {
  if (decoders.length === 1) return decoders[0]!;
  const fuse = decoders.findIndex((decoder) => decoder.fuses);
  const makers = decoders.map((decoder, i) => (fuse < 0 || i <= fuse ? decoder : (decoder.ofParts ?? chainDecoders([gather, decoder]))));
  return () => {
    const stages = makers.map((make) => make());
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
