import { createRandom, type Random } from '../src/index.js';

const count = 20_000;

const draws: Readonly<Record<string, (random: Random) => number>> = {
  'words of 32 bits': (random) => random.uint32(),
  'uniform numbers': (random) => random.uniform(),
  'whole numbers': (random) => random.integer(1000),
  'normal numbers': (random) => random.normal(),
  'Gumbel numbers': (random) => random.gumbel(),
  'numbers of a fork': (random) => random.fork('weights').uniform() + random.uniform(),
};

const permuted = (random: Random) => Float64Array.from(random.shuffle([...Array(count).keys()]));

/** Numeric results are compared with Node's by their hash: the same bits. */
export default [
  ...Object.entries(draws).map(([name, draw]) => ({
    name,
    run() {
      const random = createRandom(2 ** 40 + 7);
      return Float64Array.from({ length: count }, () => draw(random));
    },
  })),
  { name: 'a permutation', run: () => permuted(createRandom(3)) },
];
