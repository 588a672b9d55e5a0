import type { Output } from '../../../src/report/reporter.ts';

/** A pipe that keeps what is written. */
export class MemoryOutput implements Output {
  text = '';
  writes = 0;

  write(text: string): void {
    this.text += text;
    this.writes += 1;
  }

  get lines(): readonly string[] {
    return this.text.split('\n').slice(0, -1);
  }
}
