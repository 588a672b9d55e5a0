/** A time span, in milliseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** From the first to the last moment; never empty. */
export function spanOf(times: readonly number[]): Span {
  const from = times.reduce((a, b) => Math.min(a, b), Infinity);
  const to = times.reduce((a, b) => Math.max(a, b), -Infinity);
  return { from, to: Math.max(from + 1, to) };
}

/** The position of a moment in a span, in per cent. */
function percentIn(moment: number, { from, to }: Span): number {
  return Math.round(Math.min(100, Math.max(0, ((moment - from) / (to - from)) * 100)) * 10) / 10;
}

/** A row of a timeline: a name, a bar from one moment to another, and a text. Name and text are HTML. */
export function barRow(kind: string, name: string, bar: Span, span: Span, text: string): string {
  const of = kind === '' ? '' : ` class="${kind}"`;
  const [from, to] = [percentIn(bar.from, span), percentIn(bar.to, span)];
  // The whole span is what the style has for a bar that says nothing: most certificates of a large fleet are such bars.
  const at = from === 0 && to === 100 ? '' : ` style="--a:${from};--b:${to}"`;
  return `<li${of}>${name}<i${at}></i><span>${text}</span></li>`;
}

/** The labels at the start, middle and end of the bars. Decorative, because rows say the same in words. */
export function axisRow(span: Span, label: (moment: number) => string): string {
  const texts = [span.from, (span.from + span.to) / 2, span.to].map((moment) => `<span>${label(moment)}</span>`);
  return `<li class="axis" aria-hidden="true"><i>${texts.join('')}</i></li>`;
}
