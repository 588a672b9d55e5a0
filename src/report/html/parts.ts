import { htmlText } from './text.ts';

/** A number at the top of a page, and what it counts. */
export interface HtmlFigure {
  readonly number: number;
  readonly noun: string;
  /** The colour in which it is shown. */
  readonly tone?: 'isbad' | 'iswarn';
}

/** An option of the filter: items with this kind in their `data-kind`. */
export interface HtmlChoice {
  readonly kind: string;
  readonly name: string;
}

/** A section with a heading; empty without parts. Title and parts are HTML. */
export function htmlSection(title: string, parts: readonly string[]): string {
  return parts.length === 0 ? '' : `<section><h2>${title}</h2>\n${parts.join('\n')}\n</section>`;
}

/** The numbers at the top of a page, without those that are zero. */
export function htmlFigures(figures: readonly HtmlFigure[]): string {
  const items = figures
    .filter(({ number }) => number > 0)
    .map(({ number, noun, tone }) => `<li${tone ? ` class="${tone}"` : ''}><b>${number}</b>${noun}</li>`);
  return items.length === 0 ? '' : `<ul class="facts">${items.join('')}</ul>`;
}

/** What the tools of a page work on. */
interface HtmlTools {
  /** What is counted, in the plural. */
  readonly noun: string;
  /** What can be searched for. */
  readonly hint: string;
  /** Kinds of which there are items; a single one is not shown. */
  readonly choices: readonly HtmlChoice[];
  /** Items can be opened, also all at once. */
  readonly canOpen: boolean;
}

/**
 * Search and filter for all `.item` of a page, made visible by its script, without which they would not work. An item is found by its
 * summary, and by what its `data-names` says besides.
 */
export function htmlTools({ noun, hint, choices, canOpen }: HtmlTools): string {
  const buttons = [{ kind: '', name: 'All' }, ...choices].map(
    ({ kind, name }) => `<button type="button" data-kind="${kind}" aria-pressed="${kind === ''}">${name}</button>`,
  );
  const filter = choices.length > 1 ? buttons.join('') : '';
  const open = canOpen ? '<button type="button" id="all" aria-pressed="false">Open all</button>' : '';
  return `<div id="tools" class="tools" data-noun="${noun}" hidden><label>Find <input type="search" placeholder="${hint}"></label>${filter}${open}<span id="found" role="status"></span></div>`;
}

/** A table; cells are HTML, headers are plain words. On narrow windows each cell shows its header. */
export function htmlTable(
  heads: readonly string[],
  rows: readonly { readonly attributes?: string; readonly cells: readonly string[] }[],
): string {
  const head = heads.map((name) => `<th scope="col">${name}</th>`).join('');
  const body = rows.map(({ attributes = '', cells }) => {
    const shown = cells.map((cell, index) => `<td data-name="${heads[index] ?? ''}">${cell}</td>`);
    return `<tr${attributes}>${shown.join('')}</tr>`;
  });
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table>`;
}

/** An error or a warning. Its head and its end are HTML, everything else is text. */
interface HtmlCard {
  readonly head: string;
  readonly reason: string;
  /** Labelled evidence. */
  readonly details: readonly (readonly [string, string])[];
  /** What to do. */
  readonly remedy: string | undefined;
  /** Where to read more. */
  readonly more?: string | undefined;
  /** HTML at the end of the card. */
  readonly below?: string;
}

export function htmlCard(kind: 'bad' | 'warn', { head, reason, details, remedy, more, below = '' }: HtmlCard): string {
  const evidence = details.map(([label, text]) => `<dt>${htmlText(label)}</dt><dd>${htmlText(text)}</dd>`).join('');
  return `<div class="card ${kind}"><p>${head}: ${htmlText(reason)}</p>${evidence === '' ? '' : `<dl>${evidence}</dl>`}${remedy === undefined ? '' : `<p><b>What to do:</b> ${htmlText(remedy)}</p>`}${more === undefined ? '' : `<p>More: <code>${htmlText(more)}</code></p>`}${below}</div>`;
}
