import { ExpressionSyntaxError } from '../errors.ts';
import { findFilter, findFunction, findTest } from '../registry.ts';
import type { Bound, Signature } from '../signature.ts';
import { bind } from './bind.ts';
import { type Comparison, type Expression, pathOf } from './expression.ts';
import { isComparison, POWER, peekInfix, skipInfix } from './infix.ts';
import type { Token } from './lexer.ts';
import { checkLiterals } from './literal-arguments.ts';
import { methodReplacement } from './methods.ts';
import { between, filterNode, NodeMaker } from './node-maker.ts';
import type { TextOrigin } from './origin.ts';
import { KEYWORDS } from './reserved.ts';
import { constantOf, TokenReader, unexpected } from './token-reader.ts';

/**
 * Parses tokens into an expression; a Pratt parser.
 * @throws {ExpressionSyntaxError}
 */
export function parseTokens(tokens: readonly Token[], origin: TextOrigin): Expression {
  return new Parser(tokens, origin).parse();
}

class Parser {
  readonly #reader: TokenReader;
  readonly #maker: NodeMaker;

  constructor(tokens: readonly Token[], origin: TextOrigin) {
    this.#reader = new TokenReader(tokens);
    this.#maker = new NodeMaker(this.#reader, origin);
  }

  parse(): Expression {
    const expression = this.#conditional();
    const next = this.#reader.peek();
    if (next.type === 'end') return expression;
    const hint = this.#reader.isNext('=') ? "compare with '=='" : undefined;
    throw unexpected(next, 'an operator or the end of the expression', hint);
  }

  #conditional(): Expression {
    return this.#maker.nested(() => {
      const { start } = this.#reader.peek();
      let expression = this.#operation(POWER.or);
      while (this.#reader.accept('if')) {
        const condition = this.#operation(POWER.or);
        const elseBranch = this.#reader.accept('else') ? { whenFalse: this.#conditional() } : {};
        expression = this.#maker.node(start, { kind: 'conditional', condition, whenTrue: expression, ...elseBranch });
      }
      return expression;
    });
  }

  /** Operands and binary operators with at least the precedence `minimum`. */
  #operation(minimum: number): Expression {
    const { start } = this.#reader.peek();
    let left = this.#reader.isNext('not') ? this.#negation(minimum) : this.#filtered();
    for (;;) {
      const infix = peekInfix(this.#reader);
      if (!infix || infix.power < minimum) return left;
      skipInfix(this.#reader, infix);
      const right = this.#operation(infix.power + 1);
      const links = isComparison(infix) ? [{ operator: infix.operator, operand: right }, ...this.#links()] : [];
      left = this.#maker.node(
        start,
        links.length > 1 ? { kind: 'chain', first: left, links } : between(infix, left, right),
      );
    }
  }

  /** The remaining comparisons of a chain such as `1 < n <= 5`. */
  #links(): readonly Comparison[] {
    const links: Comparison[] = [];
    for (let infix = peekInfix(this.#reader); isComparison(infix); infix = peekInfix(this.#reader)) {
      skipInfix(this.#reader, infix);
      links.push({ operator: infix.operator, operand: this.#operation(POWER.compare + 1) });
    }
    return links;
  }

  #negation(minimum: number): Expression {
    const token = this.#reader.next();
    if (minimum > POWER.not) throw unexpected(token, 'a value', "put 'not …' into parentheses");
    const operand = this.#maker.nested(() => this.#operation(POWER.not));
    return this.#maker.node(token.start, { kind: 'not', operand });
  }

  /** An operand with its filters and tests. */
  #filtered(): Expression {
    const { start } = this.#reader.peek();
    let subject = this.#signed();
    for (;;) {
      if (this.#reader.accept('|')) subject = this.#filter(subject, start);
      else if (this.#reader.accept('is')) subject = this.#test(subject, start);
      else return subject;
    }
  }

  #signed(): Expression {
    const { start } = this.#reader.peek();
    const operator = (['-', '+'] as const).find((sign) => this.#reader.accept(sign));
    if (!operator) return this.#operand();
    return this.#maker.node(start, { kind: 'sign', operator, operand: this.#maker.nested(() => this.#signed()) });
  }

  /** A value with its attributes, subscripts and calls. */
  #operand(): Expression {
    const { start } = this.#reader.peek();
    let subject = this.#primary();
    for (;;) {
      const token = this.#reader.peek();
      if (this.#reader.accept('.')) subject = this.#attribute(subject, start);
      else if (this.#reader.accept('[')) subject = this.#subscript(subject, start);
      else if (this.#reader.accept('(')) subject = this.#call(subject, start, token);
      else return subject;
    }
  }

  #primary(): Expression {
    const token = this.#reader.next();
    const { start } = token;
    if (token.type === 'string' || token.type === 'number') {
      return this.#maker.node(start, { kind: 'literal', value: token.value });
    }
    if (token.type === 'name' && !KEYWORDS.has(token.text)) {
      const value = constantOf(token);
      return this.#maker.node(
        start,
        value === undefined ? { kind: 'name', name: token.text } : { kind: 'literal', value },
      );
    }
    if (token.type === 'symbol' && token.text === '(') return this.#parenthesized(start);
    if (token.type === 'symbol' && token.text === '[')
      return this.#maker.node(start, { kind: 'list', items: this.#items(']') });
    if (token.type === 'symbol' && token.text === '{') return this.#dict(start);
    const isGoTemplate = token.type === 'symbol' && token.text === '.';
    throw unexpected(token, 'a value', isGoTemplate ? "if the characters {{ are meant, write {{ '{{' }}" : undefined);
  }

  /** `(a)` is just a; `(a, b)`, a tuple in Jinja, is a list. */
  #parenthesized(start: number): Expression {
    if (this.#reader.accept(')')) return this.#maker.node(start, { kind: 'list', items: [] });
    const first = this.#conditional();
    if (this.#reader.accept(')')) return first;
    this.#reader.expect(',', ')');
    return this.#maker.node(start, { kind: 'list', items: [first, ...this.#items(')')] });
  }

  #items(close: string): readonly Expression[] {
    const items: Expression[] = [];
    this.#separated(close, () => items.push(this.#conditional()));
    return items;
  }

  #dict(start: number): Expression {
    if (this.#reader.isNext('{')) {
      throw unexpected(this.#reader.peek(), 'a key', 'this is an expression already: write it without {{ }}');
    }
    const entries: (readonly [Expression, Expression])[] = [];
    this.#separated('}', () => {
      const key = this.#conditional();
      this.#reader.expect(':');
      entries.push([key, this.#conditional()]);
    });
    return this.#maker.node(start, { kind: 'dict', entries });
  }

  /** Members separated by commas, with an optional trailing one, up to the closing bracket. */
  #separated(close: string, readMember: () => void): void {
    while (!this.#reader.accept(close)) {
      readMember();
      if (this.#reader.accept(close)) return;
      this.#reader.expect(',', close);
    }
  }

  #attribute(subject: Expression, start: number): Expression {
    const token = this.#reader.next();
    if (token.type !== 'name' && token.type !== 'number') throw unexpected(token, "a name after '.'");
    const value = token.type === 'name' ? token.text : token.value;
    if (this.#reader.isNext('(')) {
      const hint = methodReplacement(String(value), pathOf(subject));
      throw new ExpressionSyntaxError(`values have no methods: '.${value}()'`, token.start, token.end, hint);
    }
    return this.#maker.node(start, {
      kind: 'item',
      subject,
      key: this.#maker.node(token.start, { kind: 'literal', value }),
    });
  }

  /** `[key]`, `[start:stop]` or `[start:stop:step]`. */
  #subscript(subject: Expression, start: number): Expression {
    const first = this.#sliceBound();
    if (first && this.#reader.accept(']')) return this.#maker.node(start, { kind: 'item', subject, key: first });
    this.#reader.expect(':', first && ']');
    const stop = this.#sliceBound();
    const step = this.#reader.accept(':') ? this.#sliceBound() : undefined;
    this.#reader.expect(']');
    return this.#maker.node(start, {
      kind: 'slice',
      subject,
      ...(first && { start: first }),
      ...(stop && { stop }),
      ...(step && { step }),
    });
  }

  #sliceBound(): Expression | undefined {
    return this.#reader.isNext(':') || this.#reader.isNext(']') ? undefined : this.#conditional();
  }

  #call(subject: Expression, start: number, open: Token): Expression {
    if (subject.kind !== 'name') throw unexpected(open, 'an operator', 'only functions can be called');
    const callee = this.#maker.resolve(start, () => findFunction(subject.name));
    return this.#maker.node(start, { kind: 'call', callee, given: this.#arguments(callee, start) });
  }

  #filter(subject: Expression, subjectStart: number): Expression {
    const { start } = this.#reader.peek();
    const name = this.#dottedName('the name of a filter');
    const filter = this.#maker.resolve(start, () => findFilter(name));
    const given = this.#reader.accept('(') ? this.#arguments(filter, start) : this.#bind(filter, start, []);
    return this.#maker.node(start, filterNode(filter, subject, given), subjectStart);
  }

  #test(subject: Expression, subjectStart: number): Expression {
    const negated = this.#reader.accept('not');
    const { start } = this.#reader.peek();
    const name = this.#dottedName('the name of a test');
    const test = this.#maker.resolve(start, () => findTest(name));
    const given = this.#reader.accept('(')
      ? this.#arguments(test, start)
      : this.#bind(test, start, this.#beginsValue() ? [this.#operand()] : []);
    if (this.#reader.isNext('is')) {
      throw unexpected(this.#reader.peek(), 'one test', 'put the first test into parentheses');
    }
    const [canonical] = test.names;
    if (canonical !== 'defined' && canonical !== 'undefined') {
      return this.#maker.node(start, { kind: 'test', test, subject, given, negated }, subjectStart);
    }
    return this.#maker.node(subjectStart, {
      kind: 'defined',
      subject,
      negated: negated !== (canonical === 'undefined'),
    });
  }

  /** Whether a value follows: a test may take one argument without parentheses, as in `x is divisibleby 3`. */
  #beginsValue(): boolean {
    const token = this.#reader.peek();
    if (token.type === 'name') return !KEYWORDS.has(token.text);
    return token.type === 'string' || token.type === 'number' || this.#reader.isNext('[') || this.#reader.isNext('{');
  }

  #dottedName(what: string): string {
    const parts: string[] = [];
    do {
      const token = this.#reader.next();
      if (token.type !== 'name') throw unexpected(token, what);
      parts.push(token.text);
    } while (this.#reader.accept('.'));
    return parts.join('.');
  }

  /** The arguments after `(`, up to `)`. */
  #arguments(signature: Signature, start: number): Bound<Expression> {
    const positional: Expression[] = [];
    const keywords = new Map<string, Expression>();
    this.#separated(')', () => {
      const token = this.#reader.peek();
      if (token.type !== 'name' || !this.#reader.isNext('=', 1)) {
        if (keywords.size > 0) throw unexpected(token, 'an argument with a name', 'those without one come first');
        positional.push(this.#conditional());
        return;
      }
      if (keywords.has(token.text)) throw unexpected(token, 'another argument', `'${token.text}' is given twice`);
      this.#reader.next();
      this.#reader.next();
      keywords.set(token.text, this.#conditional());
    });
    return this.#bind(signature, start, positional, keywords);
  }

  #bind(
    signature: Signature,
    start: number,
    positional: readonly Expression[],
    keywords: ReadonlyMap<string, Expression> = new Map(),
  ): Bound<Expression> {
    return this.#maker.resolve(start, () => {
      const given = bind(signature, positional, keywords);
      checkLiterals(signature, given);
      return given;
    });
  }
}
