import { strip } from '../python-strip.js';
import { pythonEquals, pythonString, stripCharacters, type Value } from './python-values.js';

/** The interpreter of @huggingface/jinja, as far as it is used here. */
export interface Interpreter {
  run(program: unknown): { readonly value: unknown };
  evaluate(node: Node | undefined, environment: unknown): Value;
}
export type InterpreterClass = new (environment: unknown) => Interpreter;

/** A node of a parsed template. */
interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The engine takes white space off, whatever it is told to. */
const isStrip = (method: unknown) => method === 'strip' || method === 'lstrip' || method === 'rstrip';

/** Thrown by a template that does not end, or not soon. */
export class LimitError extends Error {}

/** Steps are expressions, and the items and characters that they make or go through: some 60 for each message, so a long conversation fits. */
export const maximumSteps = 2e6;
const charactersPerStep = 64;
const maximumText = 2 ** 26;

/** `{% break %}` and `{% continue %}` on their way to the loop, with what was written since it began this turn. */
class LoopControl extends Error {
  text = '';
  constructor(readonly leaves: boolean) {
    super('break or continue outside a loop');
  }
}

/** A loop that runs: was it left, and did a turn of it come to its end? */
interface Loop {
  readonly body: unknown;
  left: boolean;
  cut: boolean;
  finished: boolean;
}

/** These write nothing. */
const silent = ['Set', 'Macro', 'Comment'];
/** These name a value that is there already. */
const references = ['Identifier', 'MemberExpression', 'Known'];

/**
 * The engine's interpreter made as exact as Python's, and as patient as we are: values print as Python prints them, `==` and `~` compare and
 * join as there, what a loop wrote before `break` stays, a field of something undefined is an error, and steps are counted.
 */
export function pythonInterpreter(Base: InterpreterClass): InterpreterClass {
  return class extends Base {
    #steps = 0;
    /** What loops go through. */
    readonly #iterated = new WeakSet<object>();
    readonly #loops: Loop[] = [];

    override evaluate(node: Node | undefined, environment: unknown): Value {
      const result = this.#evaluate(node, environment);
      const { value } = result;
      this.#spend(1);
      // To name a value costs nothing more.
      if (node === undefined || (references.includes(node.type) && !this.#iterated.has(node))) return result;
      if (typeof value === 'string') this.#spend(this.#checked(value).length / charactersPerStep);
      else if (Array.isArray(value)) this.#spend(value.length);
      return result;
    }

    /** The engine's own, but for Python's printing; it calls this for every body of statements. */
    evaluateBlock(statements: readonly Node[], environment: unknown): Value {
      const innermost = this.#loops.at(-1);
      const loop = innermost?.body === statements ? innermost : undefined;
      let text = '';
      this.#spend(1);
      if (loop?.left !== true) {
        try {
          for (const statement of statements) {
            const result = this.evaluate(statement, environment);
            if (!silent.includes(statement.type)) text = this.#checked(text + pythonString(result));
          }
          if (loop !== undefined) loop.finished = true;
        } catch (control) {
          if (!(control instanceof LoopControl)) throw control;
          control.text = text + control.text;
          if (loop === undefined) throw control;
          loop.left = control.leaves;
          loop.cut = true;
          text = control.text;
        }
      }
      return this.#text(text, environment);
    }

    #evaluate(node: Node | undefined, environment: unknown): Value {
      switch (node?.type) {
        case 'Known':
          return node.known as Value;
        case 'Break':
        case 'Continue':
          throw new LoopControl(node.type === 'Break');
        case 'For': {
          const iterable = node.iterable as Node;
          this.#iterated.add(iterable.type === 'SelectExpression' ? (iterable.lhs as Node) : iterable);
          const loop: Loop = { body: node.body, left: false, cut: false, finished: false };
          this.#loops.push(loop);
          let written: Value;
          try {
            written = super.evaluate(node, environment);
          } finally {
            this.#loops.pop();
          }
          // To Jinja2 a loop of which no turn was finished is one without turns.
          if (!loop.cut || loop.finished) return written;
          const otherwise = this.evaluateBlock(node.defaultBlock as readonly Node[], environment);
          return this.#text(pythonString(written) + pythonString(otherwise), environment);
        }
        case 'MemberExpression': {
          const known = this.evaluate(node.object as Node, environment);
          if (known.type === 'UndefinedValue') throw new Error('a field of something undefined was asked for');
          return super.evaluate({ ...node, object: { type: 'Known', known } }, environment);
        }
        case 'CallExpression': {
          const callee = node.callee as Node;
          const [argument, ...others] = node.args as readonly Node[];
          const method = callee.type === 'MemberExpression' && callee.computed !== true ? (callee.property as Node).value : undefined;
          if (argument === undefined || others.length > 0 || !isStrip(method)) break;
          const known = this.evaluate(callee.object as Node, environment);
          const characters = this.evaluate(argument, environment);
          if (known.type === 'StringValue' && characters.type === 'StringValue')
            return this.#text(stripCharacters(known.value as string, characters.value as string, method), environment);
          return super.evaluate({ ...node, callee: { ...callee, object: { type: 'Known', known } } }, environment);
        }
        case 'BinaryExpression': {
          const operator = (node.operator as { readonly value: string }).value;
          if (!['~', '+', '==', '!='].includes(operator)) break;
          const left = this.evaluate(node.left as Node, environment);
          const right = this.evaluate(node.right as Node, environment);
          if (operator === '+') {
            if ((left.type === 'StringValue') !== (right.type === 'StringValue')) throw new Error('only a text can be added to a text');
            return super.evaluate({ ...node, left: { type: 'Known', known: left }, right: { type: 'Known', known: right } }, environment);
          }
          if (operator === '~') return this.#text(pythonString(left) + pythonString(right), environment);
          const holds = pythonEquals(left, right) === (operator === '==');
          return super.evaluate({ type: 'Identifier', value: holds ? 'true' : 'false' }, environment);
        }
        case 'FilterExpression': {
          const filter = node.filter as Node;
          if (filter.type !== 'Identifier' || (filter.value !== 'string' && filter.value !== 'trim')) break;
          // These take anything, not texts alone.
          const text = pythonString(this.evaluate(node.operand as Node, environment));
          return this.#text(filter.value === 'trim' ? strip(text) : text, environment);
        }
      }
      return super.evaluate(node, environment);
    }

    #text(value: string, environment: unknown): Value {
      return super.evaluate({ type: 'StringLiteral', value }, environment);
    }

    #checked(text: string): string {
      if (text.length > maximumText) throw new LimitError(`writes more than ${maximumText} characters`);
      return text;
    }

    #spend(steps: number): void {
      this.#steps += steps;
      if (this.#steps > maximumSteps) throw new LimitError(`takes more than ${maximumSteps} steps`);
    }
  };
}
