import { jsonText } from '../text/json-text.ts';
import type { CheckFormat } from './findings.ts';

/** The document of docs/check.md. */
export const json: CheckFormat = ({ document }) => `${jsonText(document, 2)}\n`;
