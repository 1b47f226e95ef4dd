import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Rrdtool } from '../../rrd/rrdtool.ts';
import type { Daemon } from '../../support/daemon.ts';

/** The files that take turns with last_result and last_facts. */
const takesTurns = ['.last_result.pingmachine', '.last_facts.pingmachine'];

/** What must be true of output/ and archive/ at every moment, whatever happens to the daemon. */
export class OutputCheck {
	readonly #rrdtool = new Rrdtool();
	readonly #daemon: Daemon;

	constructor(daemon: Daemon) {
		this.#daemon = daemon;
	}

	/** Every last_result is whole, and rrdtool takes every RRD. Returns how many RRDs there are. */
	async files(): Promise<number> {
		let rrds = 0;
		for (const id of this.#ordersIn('output')) this.#daemon.result(id);
		for (const root of ['output', 'archive']) {
			for (const path of this.#rrdsIn(root)) {
				await this.#rrdtool.run(`info ${path}`);
				rrds++;
			}
		}
		return rrds;
	}

	/** Orders that are in output/ and in archive/. */
	inBoth(): string[] {
		const archived = new Set(this.#ordersIn('archive'));
		return this.#ordersIn('output').filter((id) => archived.has(id));
	}

	/** How many orders are in archive/. */
	archived(): number {
		return this.#ordersIn('archive').length;
	}

	/** Everything that should not be there: temporary files, main.rrd that were set aside. */
	leftovers(): string[] {
		return ['output', 'archive'].flatMap((root) =>
			this.#entries(root)
				.filter(
					({ name }) => !takesTurns.includes(name) && (name.startsWith('.') || name.includes('corrupted')),
				)
				.map(({ parentPath, name }) => join(parentPath, name)),
		);
	}

	async end(): Promise<void> {
		await this.#rrdtool.end();
	}

	/** Ids of orders that have files there. */
	#ordersIn(root: string): string[] {
		const prefix = `${this.#daemon.path(root)}/`;
		const ids = this.#entries(root)
			.filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
			.map(({ parentPath }) => `${parentPath}/`.slice(prefix.length, -1));
		return [...new Set(ids)];
	}

	#rrdsIn(root: string): string[] {
		return this.#entries(root)
			.filter(({ name }) => name.endsWith('.rrd'))
			.map(({ parentPath, name }) => join(parentPath, name));
	}

	#entries(root: string): Dirent[] {
		return readdirSync(this.#daemon.path(root), { recursive: true, withFileTypes: true });
	}
}
