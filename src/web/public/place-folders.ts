import { popFolderOf } from '../../model/pop.ts';
import { findOrderFolder, popsIn } from '../../store/find-orders.ts';
import type { BoardRow } from '../pages/board/board.ts';

/** The folders that say how an order did: its own, or, where points of presence alone measure it, one of each. */
export function placeFolders(baseDir: string, { id, places }: Pick<BoardRow, 'id' | 'places'>): string[] {
	const names = places === null ? [id] : popsIn(baseDir, id).map((pop) => popFolderOf(id, pop));
	return names.flatMap((name) => findOrderFolder(baseDir, name)?.folder ?? []);
}
