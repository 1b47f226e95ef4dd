import type { PublicPart } from '../../config/web-setting.ts';
import type { Scope } from '../access/tokens.ts';
import type { Asked } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import type { Html } from './html.ts';

/** What a page is made for. */
export interface PageContext {
	readonly parts: WebParts;
	/** Who asks, the parts of the path, the parameters. */
	readonly asked: Asked;
	readonly nowSeconds: number;
	/** What was sent by its form, and why that was not done; null: nothing was. */
	readonly sent: { readonly form: URLSearchParams; readonly findings: readonly FormFinding[] } | null;
}

/** What is wrong with something that was sent. */
export interface FormFinding {
	/** The name of the field; left out: of none in particular. */
	readonly field?: string;
	readonly message: string;
}

/** What a page does with what its form sends. */
export interface PageForm {
	/** What a token must be for. */
	readonly scope: Scope;
	/** So many bytes at most. */
	readonly bodyMax: number;
	/** Does it, and says where to go on; or says what is wrong, which the page then shows. */
	take(
		context: PageContext,
		form: URLSearchParams,
	): Promise<{ readonly goTo: string } | { readonly findings: readonly FormFinding[] }>;
}

/** A page: an address, and sections that rooms register for it. */
export interface Page {
	/** For sections, and `data-page` of the body. */
	readonly name: string;
	/** As in a route: `/orders/:id`. */
	readonly path: string;
	/** Where it stands in the navigation; those without stand there not at all. */
	readonly nav?: { readonly label: string; readonly order: number };
	/** By which word of `public:` it needs no token; by default `pages`. */
	readonly part?: PublicPart;
	/** It stands alone, for everybody: without navigation, and without a way to log in. */
	readonly isAlone?: true;
	/** What it sends to itself. Its form has the field `secret`. */
	readonly form?: PageForm;
	/** Whether it may be kept for so many seconds, and shown to others. */
	readonly keepSeconds?: number;
	/** Its heading and the title of its window. Throws a `RequestFault` where there is no such page. */
	title(context: PageContext): string | Promise<string>;
}

/** A part of a page. One that fails says so in its place, and the others are shown. */
export interface Section {
	/** The element's id, and its anchor. */
	readonly id: string;
	/** The name of the page. */
	readonly page: string;
	/** Ascending from top to bottom. */
	readonly order: number;
	/** Its heading. */
	readonly title: string;
	/** The page's own heading is enough: this one is for screen readers alone. */
	readonly isTitleHidden?: true;
	/** A module and a style sheet of `src/web/browser`, by file name: `overview.js`, `overview.css`. */
	readonly script?: string;
	readonly style?: string;
	/** Null: there is nothing to show here. */
	render(context: PageContext): Html | null | Promise<Html | null>;
}

/** What a room gives: its pages, and sections of its own and of other rooms' pages. */
export interface PageRoom {
	readonly pages: readonly Page[];
	readonly sections: readonly Section[];
}
