import { createHash } from 'node:crypto';
import { STYLE } from './style.ts';

/** Search, filter, and opening or closing all sections; the page contains everything without it. */
const SCRIPT = `
const tools=document.getElementById('tools');
if(tools){const field=tools.querySelector('input'),said=document.getElementById('found'),kinds=[...tools.querySelectorAll('[data-kind]')],all=document.getElementById('all');
const items=[...document.querySelectorAll('.item')].map(at=>({at,text:((at.querySelector('summary')||at).textContent+' '+(at.dataset.names||'')).toLowerCase()}));let kind='';
const look=()=>{const words=field.value.toLowerCase().split(/\\s+/).filter(Boolean);let n=0;
for(const {at,text} of items){at.hidden=(kind!==''&&at.dataset.kind!==kind)||!words.every(w=>text.includes(w));if(!at.hidden)n++}
said.textContent=n+' of '+items.length+' '+tools.dataset.noun};
field.addEventListener('input',look);
for(const one of kinds)one.addEventListener('click',()=>{kind=one.dataset.kind;for(const other of kinds)other.setAttribute('aria-pressed',String(other===one));look()});
if(all)all.addEventListener('click',()=>{const open=all.getAttribute('aria-pressed')!=='true';all.setAttribute('aria-pressed',String(open));for(const {at} of items)at.open=open});
tools.hidden=items.length<2;look()}
addEventListener('beforeprint',()=>{for(const one of document.querySelectorAll('details'))one.open=true});
`;

const HASH = createHash('sha256').update(SCRIPT).digest('base64');

/** A whole page. Its policy allows only its own script and loads nothing. Title and the parts of the body are HTML. */
export function* htmlPage(title: string, body: Iterable<string>): Iterable<string> {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${HASH}'; base-uri 'none'; form-action 'none'`;
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
`;
  for (const part of body) if (part !== '') yield `${part}\n`;
  yield `<script>${SCRIPT}</script>
</body>
</html>
`;
}
