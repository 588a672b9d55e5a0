const OWN_TAG =
  /^<(!doctype html|\/?[a-z0-9]+( (lang|charset|http-equiv|content|name|class|id|type|placeholder|role|datetime|style|scope|title|data-[a-z]+|aria-[a-z]+)="[^"]*"| href="#[a-z0-9-]*"| (hidden|open))*)>$/;

/** What a page has that is not its own: tags or attributes of somebody else, a second script, something to load, a control character. */
export function pageProblems(page: string): readonly string[] {
  const body = page.replace(/<(script|style)>[\s\S]*?<\/\1>/g, '');
  const tags = [...body.matchAll(/<[^>]*>/g)].map(([tag]) => tag);
  return [
    ...tags.filter((tag) => !OWN_TAG.test(tag)),
    ...(page.match(/<script\b/g)?.length === 1 ? [] : ['not one script']),
    ...(page.includes("default-src 'none'") ? [] : ['no policy']),
    ...(page.match(/\b(src|action)=|url\(|@import|https?:/g) ?? []),
    ...(page.match(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/gu) ?? []),
    ...notClosed(body),
  ];
}

function notClosed(body: string): readonly string[] {
  const open: string[] = [];
  for (const [tag, end, name = ''] of body.matchAll(/<(\/?)([a-z0-9]+)[^>]*>/g)) {
    if (['meta', 'input'].includes(name)) continue;
    if (end === '') open.push(name);
    else if (open.pop() !== name) return [`${tag} closes something else`];
  }
  return open.map((name) => `<${name}> is not closed`);
}
