// ssh2's optional native parts, which a single file cannot hold: it does without them.
throw new Error('no native parts in a build');
