/** The records of a CSV by RFC 4180. @throws {Error} for anything that is not of its grammar, or of uneven length. */
export function readCsv(text: string): readonly (readonly string[])[] {
  const records: string[][] = [];
  let record: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const match = field.exec(text);
    if (!match) throw new Error(`not CSV at ${at}: ${JSON.stringify(text.slice(at, at + 30))}`);
    record.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') continue;
    records.push(record);
    record = [];
  }
  if (record.length > 0 || records.some(({ length }) => length !== records[0]?.length)) throw new Error('uneven');
  return records;
}

export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\]|\\[\\"n])*"(?:,(?!\}))?)*)\})? (-?\d+(?:\.\d+)?)$/;

/**
 * The samples of a text in Prometheus' format. @throws {Error} for a line that is none, for a metric without help and type or
 * that is told in two places, and for a series that is given twice.
 */
export function readMetrics(text: string): readonly ReadSample[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line is not ended');
  const told = new Set<string>();
  const series = new Set<string>();
  const samples: ReadSample[] = [];
  let current = '';
  let hasType = false;
  for (const line of text.split('\n').slice(0, -1)) {
    const [, kind, of = ''] = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) .+$/.exec(line) ?? [];
    if (kind === 'HELP') {
      if (told.has(of)) throw new Error(`${of} is told twice`);
      told.add(of);
      [current, hasType] = [of, false];
    } else if (kind === 'TYPE') {
      if (of !== current || !line.endsWith(' gauge')) throw new Error(`not the type of ${current}: ${line}`);
      hasType = true;
    } else {
      const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
      if (name === '' || name !== current || !hasType) throw new Error(`no sample of ${current}: ${line}`);
      const key = `${name}{${labels}}`;
      if (series.has(key)) throw new Error(`twice: ${key}`);
      series.add(key);
      samples.push({ name, labels: readLabels(labels), value: Number(value) });
    }
  }
  return samples;
}

function readLabels(text: string): ReadSample['labels'] {
  const found = [...text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)].map(
    ([, name = '', value = '']) =>
      [name, value.replace(/\\(.)/g, (_all, what: string) => (what === 'n' ? '\n' : what))] as const,
  );
  return Object.fromEntries(found);
}
