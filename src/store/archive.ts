import { lstatSync, unlinkSync } from 'node:fs';
import { errorFileName } from './error-files.ts';
import { lastUpdateOf, mainRrdName } from './main-rrd.ts';
import { moveOrderFiles, openOrderFolder } from './order-files.ts';
import { removeEmptyFolders } from './order-path.ts';
import { orderTextName, retireOrderText } from './order-text.ts';
import { utcStamp } from './set-aside.ts';
import type { StoreTools } from './store-tools.ts';

/** Moves the files of orders between output/ and archive/. Throws the error of the file system. */
export class Archive {
	readonly #tools: StoreTools;
	readonly #isLive: (id: string) => boolean;

	/** `isLive`: whether an order's folder in output/ has to stay though it is empty. */
	constructor(tools: StoreTools, isLive: (id: string) => boolean) {
		this.#tools = tools;
		this.#isLive = isLive;
	}

	/** To archive/. The order must not be live any more; its `error` goes with it. */
	putAway(id: string): void {
		const { output, archive } = this.#tools.folders;
		let from = openOrderFolder(output, id);
		if (from?.files.includes(errorFileName)) {
			unlinkSync(`${from.path}/${errorFileName}`);
			from = { ...from, files: from.files.filter((name) => name !== errorFileName) };
		}
		if (from !== null) {
			moveOrderFiles({
				from,
				toRoot: archive,
				id,
				stamp: this.#stamp(),
				oursFirst: false,
				keepsName: () => 'moved',
			});
		}
		this.removeEmptyOutput(id);
	}

	/** To output/. False when there is nothing in archive/. */
	bringBack(id: string): boolean {
		const { orders, output, archive } = this.#tools.folders;
		const from = openOrderFolder(archive, id);
		if (from === null || from.files.length === 0) return false;
		const stamp = this.#stamp();
		if (from.files.includes(orderTextName)) retireOrderText(`${orders}/${id}`, from.path, stamp);
		moveOrderFiles({
			from: openOrderFolder(archive, id) ?? from,
			toRoot: output,
			id,
			stamp,
			oursFirst: true,
			keepsName: newerOf,
		});
		removeEmptyFolders(archive, id, () => false);
		return true;
	}

	/** Removes the folder of an order that is not live and those above it, as far as they are empty. */
	removeEmptyOutput(id: string): void {
		removeEmptyFolders(this.#tools.folders.output, id, this.#isLive);
	}

	#stamp(): string {
		return utcStamp(this.#tools.clock.wallMs());
	}
}

/** The file that was measured into last goes on under its name, wherever it is. */
function newerOf(moved: string, present: string): 'moved' | 'present' {
	const ageOf = moved.endsWith(`/${mainRrdName}`) ? lastUpdateOf : (path: string) => lstatSync(path).mtimeMs;
	return ageOf(present) > ageOf(moved) ? 'present' : 'moved';
}
