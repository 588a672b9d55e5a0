import { yamlText } from '../text/yaml-text.ts';
import type { CheckFormat } from './findings.ts';

/** The document of `-o json` as YAML. */
export const yaml: CheckFormat = ({ document }) => yamlText(document);
