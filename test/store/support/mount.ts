import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

const mounted = new Set<string>();

/** Mounts an empty file system of that size. Needs root. `unmount` or `unmountAll` is to be called after each test. */
export function mountSmall(folder: string, kilobytes: number): void {
	mkdirSync(folder, { recursive: true });
	execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder]);
	mounted.add(folder);
}

export function remount(folder: string, options: string): void {
	execFileSync('mount', ['-o', `remount,${options}`, folder]);
}

export function unmount(folder: string): void {
	mounted.delete(folder);
	execFileSync('umount', ['--lazy', folder]);
}

/** Those of other tests of this process too: where several run at a time, `unmount` is what they need. */
export function unmountAll(): void {
	for (const folder of [...mounted].reverse()) unmount(folder);
}
