import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Process ids of the children of a process. */
export function childrenOf(pid: number): number[] {
	return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
		const list = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim();
		return list === '' ? [] : list.split(' ').map(Number);
	});
}

export function isRunning(pid: number): boolean {
	return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
