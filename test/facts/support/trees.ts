import {
  chmodSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { HostFile } from '../../kubeadm/support/host-files.ts';

/** A directory that stands for the root of a host. */
export class Tree {
  readonly root: string = mkdtempSync(join(tmpdir(), 'kplay-tree-'));

  /** Gone when the test is over. */
  static forTest(): Tree {
    const tree = new Tree();
    onTestFinished(() => tree.remove());
    return tree;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  write(path: string, content: string | Uint8Array, mode = '0644'): this {
    const place = join(this.root, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, content);
    chmodSync(place, Number.parseInt(mode, 8));
    return this;
  }

  /** A symbolic link whose target is a path of the host. */
  link(path: string, target: string): this {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    symlinkSync(join(this.root, target), join(this.root, path));
    return this;
  }

  /** A program of the host. */
  program(name: string, script: string): this {
    return this.write(`/usr/bin/${name}`, `#!/bin/sh\n${script}\n`, '0755');
  }

  host(files: ReadonlyMap<string, HostFile>): this {
    for (const { path, content, mode, modifiedAt, link } of files.values()) {
      if (link !== undefined) {
        this.link(path, link);
        lutimesSync(join(this.root, path), modifiedAt, modifiedAt);
        continue;
      }
      this.write(path, content, mode);
      utimesSync(join(this.root, path), modifiedAt, modifiedAt);
    }
    return this;
  }

  /** Everything in it that a write would change, time of last change included. */
  state(): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    const visit = (directory: string): void => {
      for (const entry of readdirSync(directory)) {
        const path = join(directory, entry);
        const status = lstatSync(path);
        const content = status.isSymbolicLink()
          ? readlinkSync(path)
          : status.isFile()
            ? readFileSync(path, 'base64')
            : '';
        found.set(
          path.slice(this.root.length),
          [status.mode, status.uid, status.gid, status.mtimeMs, status.ctimeMs, content].join(' '),
        );
        if (status.isDirectory()) visit(path);
      }
    };
    visit(this.root);
    return found;
  }
}
