import { describe, expect, test } from '@jest/globals';
import { buildCase, largestDifference, named, probe } from '../../test/operator-case.js';
import { operatorCases } from '../../test/operator-cases.js';
import { evaluate } from '../evaluate.js';
import type { Reference } from '../expr.js';
import { gradients } from '../gradients.js';
import * as ops from './index.js';

// Penalties on slopes (Gulrajani et al. 2017, arXiv 1704.00028) differentiate gradients: every operator that has one must let them.
const smooth = operatorCases.filter(({ differentiable = true }) => differentiable);

describe.each(smooth)('$name', (row) => {
  test('the gradient of its gradient agrees with a finite difference', () => {
    const { leaves, values, y } = buildCase(row);
    const penalty = gradients(probe(y), leaves).reduce((all, own) => ops.add(all, ops.sum(ops.mul(own, own))), ops.constant(0));
    const results = evaluate(gradients(penalty, leaves), { inputs: named(values) });
    const at = (points: readonly Reference[]) => evaluate([penalty], { inputs: named(points) })[0]!.data[0]!;
    const direction = values.map(({ data }, k) => data.map((_, i) => Math.cos(i + 2 * k)));
    const moved = (by: number) => values.map((value, k) => ({ ...value, data: value.data.map((x, i) => x + by * direction[k]![i]!) }));
    const h = 1e-5;
    const numeric = (at(moved(h)) - at(moved(-h))) / (2 * h);
    const ours = results.reduce((total, { data }, k) => data.reduce((sum, slope, i) => sum + slope * direction[k]![i]!, total), 0);
    expect(largestDifference([ours], [numeric])).toBeLessThan(1e-6);
  });
});
