/** A stretch of time, in milliseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** From the first moment to the last; never empty. */
export function spanOf(moments: readonly number[]): Span {
  const from = moments.reduce((a, b) => Math.min(a, b), Infinity);
  const to = moments.reduce((a, b) => Math.max(a, b), -Infinity);
  return { from, to: Math.max(from + 1, to) };
}

/** Where a moment stands in a span, in per cent. */
function percentIn(moment: number, { from, to }: Span): number {
  return Math.round(Math.min(100, Math.max(0, ((moment - from) / (to - from)) * 100)) * 10) / 10;
}

/** A row of a picture: its name, a bar from one moment to another, and what is told of it. Name and text are HTML. */
export function barRow(kind: string, name: string, bar: Span, span: Span, told: string): string {
  const of = kind === '' ? '' : ` class="${kind}"`;
  const at = `--a:${percentIn(bar.from, span)};--b:${percentIn(bar.to, span)}`;
  return `<li${of}>${name}<i style="${at}"></i><span>${told}</span></li>`;
}

/** What stands at the beginning, in the middle and at the end of the bars. Rows tell the same in words: it is for the eye alone. */
export function axisRow(span: Span, label: (moment: number) => string): string {
  const texts = [span.from, (span.from + span.to) / 2, span.to].map((moment) => `<span>${label(moment)}</span>`);
  return `<li class="axis" aria-hidden="true"><i>${texts.join('')}</i></li>`;
}
