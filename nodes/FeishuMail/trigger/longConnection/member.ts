import type { RefusedInput } from '../../transport/refusedInput';

/** What Feishu answers to the request for an address: HTTP status and body. */
export interface AddressAnswer {
	status: number;
	body: unknown;
}

/** Somebody in this process who listens to an app's events. What is told to one that throws, is told to the others. */
export interface Member {
	/**
	 * Asks Feishu for an address, with the credential as it is now; see `askForAddress`.
	 *
	 * @throws Error where no answer came; RefusedInput where the credential must not be used
	 */
	ask(): Promise<AddressAnswer>;

	/** An event of any kind; undefined where one could not be read or has not come whole: something may be missed. */
	received(event: unknown): void;

	/**
	 * The connection is up, for the first time or again: what happened before may be missed. Who joins one that is up is
	 * told as well, after `join` has returned.
	 */
	connected(): void;

	/** What somebody has to mend, once until its reason changes. The connection goes on trying. */
	refused(error: RefusedInput): void;

	/** A line for an operator: lost, not to be opened, up again. */
	log(message: string): void;
}

export interface Membership {
	/**
	 * What became of the first attempt that ended: undefined where the connection is up, RefusedInput where this member
	 * was refused (which `refused` is told, too), else an Error in words; it is tried again. Never rejects.
	 */
	readonly first: Promise<Error | undefined>;

	/** Since when the connection is up without a break, by `clock.elapsed`; undefined while it is not. */
	readonly upSince: number | undefined;

	/** Nothing is told any more; the last member's leaving closes the connection. May be called again. */
	leave(): void;
}
