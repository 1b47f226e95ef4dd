import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

const mounted: string[] = [];

/** Mounts an empty file system of that size. Needs root. `unmountAll` is to be called after each test. */
export function mountSmall(folder: string, kilobytes: number): void {
	mkdirSync(folder, { recursive: true });
	execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder]);
	mounted.push(folder);
}

export function remount(folder: string, options: string): void {
	execFileSync('mount', ['-o', `remount,${options}`, folder]);
}

export function unmountAll(): void {
	for (let folder = mounted.pop(); folder !== undefined; folder = mounted.pop()) {
		execFileSync('umount', ['--lazy', folder]);
	}
}
