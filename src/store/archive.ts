import { lstatSync, unlinkSync } from 'node:fs';
import { errorFileName } from './error-files.ts';
import { inFolder, removeEmptyFolders } from './held-folder.ts';
import { lastUpdateOf, mainRrdName } from './main-rrd.ts';
import { moveOrderFiles, readOrderFolder } from './order-files.ts';
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
		inFolder(output, id, (folder) => {
			const from = readOrderFolder(folder);
			if (from.files.includes(errorFileName)) unlinkSync(`${folder}/${errorFileName}`);
			moveOrderFiles({
				from: { ...from, files: from.files.filter((name) => name !== errorFileName) },
				fromRoot: output,
				toRoot: archive,
				id,
				stamp: this.#stamp(),
				oursFirst: false,
				keepsName: () => 'moved',
			});
		});
		this.removeEmptyOutput(id);
	}

	/** To output/. False when there is nothing in archive/. */
	bringBack(id: string): boolean {
		const { orders, output, archive } = this.#tools.folders;
		const isBack = inFolder(archive, id, (folder) => {
			const { files } = readOrderFolder(folder);
			if (files.length === 0) return false;
			const stamp = this.#stamp();
			if (files.includes(orderTextName)) retireOrderText(`${orders}/${id}`, folder, stamp);
			moveOrderFiles({
				from: readOrderFolder(folder),
				fromRoot: archive,
				toRoot: output,
				id,
				stamp,
				oursFirst: true,
				keepsName: newerOf,
			});
			return true;
		});
		if (isBack !== true) return false;
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
