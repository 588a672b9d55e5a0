// What a terminal shows, as an SVG that needs nothing besides itself, and as lines that do not depend on when it was shown.

const CELL = { width: 7.3, height: 17 } as const;
const MARGIN = 14;

/** The colours of picocolors by what ends and begins them: SGR codes. */
const CLASSES: Readonly<Record<string, string>> = {
  1: 'bold',
  2: 'dim',
  31: 'red',
  32: 'green',
  33: 'yellow',
  34: 'blue',
  35: 'magenta',
  36: 'cyan',
  90: 'dim',
};

const STYLE = `text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #24292f; white-space: pre; }
rect { fill: #f6f8fa; }
.bold { font-weight: bold; } .dim { fill: #6e7781; } .red { fill: #cf222e; } .green { fill: #1a7f37; }
.yellow { fill: #7d4e00; } .blue { fill: #0969da; } .magenta { fill: #8250df; } .cyan { fill: #1b7c83; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } rect { fill: #161b22; } .dim { fill: #8b949e; } .red { fill: #ff7b72; } .green { fill: #56d364; }
  .yellow { fill: #e3b341; } .blue { fill: #79c0ff; } .magenta { fill: #d2a8ff; } .cyan { fill: #76e3ea; }
}`;

/** @param shown with SGR codes. @param title what it is, for those who do not see it. */
export function terminalPicture(shown: string, title: string): string {
  const lines = withoutRepetition(shown.trimEnd().split('\n'));
  const width = Math.max(...lines.map((line) => plain(line).length)) * CELL.width + 2 * MARGIN;
  const height = lines.length * CELL.height + 2 * MARGIN;
  const texts = lines.flatMap((line, index) => {
    const y = MARGIN + (index + 0.8) * CELL.height;
    return line === '' ? [] : [`<text x="${MARGIN}" y="${y.toFixed(1)}" xml:space="preserve">${spans(line)}</text>`];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}" width="${Math.ceil(width)}" height="${Math.ceil(height)}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    '<rect width="100%" height="100%" rx="6"/>',
    ...texts,
    '</svg>\n',
  ].join('\n');
}

/** The lines of such a picture. */
export function linesOf(picture: string): readonly string[] {
  return [...picture.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, spans = '']) =>
    spans
      .replace(/<[^>]*>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&'),
  );
}

/** What two runs of the same commands show alike: without times, ids and serials, and in no order. */
export function comparable(lines: readonly string[]): readonly string[] {
  const masked = lines.map((line) =>
    plain(line)
      .replace(/\/\S+\/(?=kplay-)/g, '')
      .replace(/\b\d{8}T\d{6}Z-[0-9a-f]{4}\b/g, 'ID')
      .replace(/\b[0-9A-Fa-f]{2,}…[0-9A-Fa-f]+\b|\b(?=\w*\d)[0-9A-Fa-f]{8,}\b/g, 'HEX')
      .replace(/\d+([.:-]\d+)*/g, 'N')
      .replace(/\s+/g, ' ')
      .trim(),
  );
  return [...new Set(masked)].filter((line) => line !== '').sort();
}

const KEPT = 5;
const ROW = /^\S+-m\d+ +\S+ +\d{4}-/;

/** Of a long table the first rows, and how many there are besides. */
export function withoutRepetition(lines: readonly string[]): readonly string[] {
  const shown: string[] = [];
  let rows = 0;
  for (const line of [...lines, '']) {
    const isRow = ROW.test(plain(line));
    rows = isRow ? rows + 1 : rows;
    if (isRow && rows > KEPT) continue;
    if (!isRow && rows > KEPT) shown.push(`\u001b[2m… ${rows - KEPT} more rows\u001b[22m`);
    if (!isRow) rows = 0;
    shown.push(line);
  }
  return shown.slice(0, -1);
}

function plain(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what begins a code
  return line.replace(/\u001b\[[\d;]*m/g, '');
}

function spans(line: string): string {
  const on = new Set<string>();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
  const pieces = line.split(/\u001b\[([\d;]*)m/);
  return pieces
    .map((piece, index) => {
      if (index % 2 === 1) {
        for (const code of piece.split(';')) turn(on, code);
        return '';
      }
      if (piece === '') return '';
      return on.size === 0 ? escaped(piece) : `<tspan class="${[...on].join(' ')}">${escaped(piece)}</tspan>`;
    })
    .join('');
}

function turn(on: Set<string>, code: string): void {
  const named = CLASSES[code];
  if (named !== undefined) on.add(named);
  else if (code === '' || code === '0') on.clear();
  else for (const one of [...on]) if (code === '22' ? one === 'bold' || one === 'dim' : one !== 'bold') on.delete(one);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
