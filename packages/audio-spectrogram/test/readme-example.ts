import { audioProcessor, decodeWav, encodeWav, resample, whisperFeatures, whisperStream } from '@polymodal/audio-spectrogram';

// Any WAV file; here one that is made on the spot, a second of a tone at 44.1 kHz.
const tone = Float32Array.from({ length: 44_100 }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 440 * i) / 44_100));
const bytes = encodeWav({ data: tone, sampleRate: 44_100 });

const audio = resample(decodeWav(bytes), 16_000); // as torchaudio
console.log(audio.data.length, audio.sampleRate);

const features = whisperFeatures(audio); // 30 seconds, the rest silence
console.log(features.type, features.dims, features.data[0]?.toFixed(3));

// What a model's preprocessor_config.json says, for several sounds of several lengths.
const wav2vec2 = audioProcessor({ feature_extractor_type: 'Wav2Vec2FeatureExtractor', return_attention_mask: true });
const short = { ...audio, data: audio.data.slice(0, 8000) };
const inputs = wav2vec2.batch([audio, short]);
console.log(inputs.input_values?.dims, inputs.attention_mask?.dims);

// As it arrives, in chunks of 20 ms: frames come as they are complete.
const live = whisperStream({ sampleRate: 16_000 });
let frames = 0;
for (let at = 0; at < audio.data.length; at += 320) frames += live.push(audio.data.slice(at, at + 320)).dims[1]!;
console.log(frames, frames + live.end().dims[1]!);
