import { randomBytes } from 'crypto';

import type { Attachment } from './mails';
import type { ReceivedRequest } from './platform';
import type { Clock } from './tenants';

/** [docs: attachment download_url] */
const usesOfLink = 2;
const lifetimeOfLink = 2 * 60 * 60 * 1000;

/** The links to files of mails that were given out. */
export class Downloads {
	/** Requests that brought a token along, which a link has no use for. */
	readonly withToken: ReceivedRequest[] = [];

	private readonly links = new Map<string, { file: Attachment; uses: number; end: number }>();

	constructor(private readonly clock: Clock) {}

	/** A code for a new link to a file. */
	open(file: Attachment): string {
		const code = randomBytes(24).toString('base64url');
		this.links.set(code, { file, uses: usesOfLink, end: this.clock.now() + lifetimeOfLink });
		return code;
	}

	/** The file behind a code, which is used by that. Undefined when there is none, or its link is used up or over. */
	use(code: string): Attachment | undefined {
		const link = this.links.get(code);
		if (link === undefined || link.uses === 0 || link.end <= this.clock.now()) return undefined;
		link.uses -= 1;
		return link.file;
	}
}
