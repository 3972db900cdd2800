// Names of the tensors that training graphs take and give. A weight goes by its own.

export const slotName = (slot: string, name: string) => `${slot}/${name}`;
export const averageName = (name: string) => `average/${name}`;
/** A graph's output cannot share its input's name. */
export const nextName = (key: string) => `next/${key}`;
export const scalarName = (group: number, name: string) => `scalar/${group}/${name}`;
export const averageRateName = 'scalar/average';
/** True in the first part of a batch. */
export const firstName = 'scalar/first';
/** Changes with every step and every part of a batch. */
export const drawName = 'scalar/draw';
/** The sum of a parameter's gradients so far. */
export const gradientName = (name: string) => `gradient/${name}`;
/** The gradient by ways that do not lead through an encoder. */
export const ownGradientName = (name: string) => `gradient/own/${name}`;
/** Of one part of the batch; without a part, of the part in hand. */
export const embeddingName = (name: string, part?: number) => (part === undefined ? `embedding/${name}` : `embedding/${name}/${part}`);
export const embeddingGradientName = (name: string, part?: number) => `gradient/${embeddingName(name, part)}`;
export const metricName = (name: string) => `metric/${name}`;
export const gradientNormName = 'gradientNorm';

/** Whether a name is one of those above, whatever it is of; slots have the names that their optimiser gives. */
export const isInternalName = (name: string): boolean => /^(average|next|scalar|gradient|embedding|metric|flag)\//.test(name);
