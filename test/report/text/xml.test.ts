import { describe, expect, test } from 'vitest';
import { wholeText } from '../../../src/report/formats/report-kinds.ts';
import { escapeControls } from '../../../src/report/text/escape.ts';
import { type XmlElement, xml, xmlDocument } from '../../../src/report/text/xml.ts';
import { fc } from '../../support/random-cases.ts';
import { readXml } from '../support/xml-reader.ts';

describe('an XML document', () => {
  test('has one element a line, and leaves text as it is', () => {
    const attributes = { name: 'a "b" & <c>', time: 1.5, none: undefined };
    const children = [xml('case', { name: "it's" }), xml('case', {}, [xml('failure', {}, ['one < two\n]]>'])])];
    expect(wholeText(xmlDocument('suite', attributes, children))).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<suite name="a &quot;b&quot; &amp; &lt;c&gt;" time="1.5">
  <case name="it&#39;s"/>
  <case>
    <failure>one &lt; two
]]&gt;</failure>
  </case>
</suite>
`);
  });

  test('without children is its root alone', () => {
    expect(wholeText(xmlDocument('suites', { tests: 0 }, []))).toMatch(/\n<suites tests="0"\/>\n$/);
  });

  test.each([
    ['an escape sequence', '\x1b[31mred', '\\x1b[31mred'],
    ['a null', 'a\0b', 'a\\x00b'],
    ['a lone surrogate', 'a\ud800b', 'a\\ud800b'],
    ['an override of direction', 'a\u202eb', 'a\\u202eb'],
    ['a noncharacter', 'a\uffffb', 'a\\uffffb'],
    ['an end of CDATA', ']]>', ']]>'],
    ['an entity', '&lol; &#0; <!DOCTYPE x>', '&lol; &#0; <!DOCTYPE x>'],
    ['lines of Windows', 'a\r\nb\rc', 'a\nb\nc'],
  ])('holds %s as text', (_what, hostile, shown) => {
    const read = readBack(xml('x', { a: hostile }, [hostile]));
    expect(read).toEqual({ name: 'x', attributes: { a: shown }, children: [], text: shown });
  });

  test('is well-formed whatever it holds, and says what it was given', () => {
    const hostile = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(hostile, hostile, (attribute, text) => {
        const read = readBack(xml('x', { a: attribute }, [xml('y', {}, [`<${text}`])]));
        if (/^[\x20-\x7e]*$/.test(attribute + text)) {
          expect(read?.attributes['a']).toBe(attribute);
          expect(read?.children[0]?.text).toBe(escapeControls(`<${text}`));
        }
      }),
    );
  });
});

function readBack(element: XmlElement) {
  return readXml(wholeText(xmlDocument('root', {}, [element]))).children[0];
}
