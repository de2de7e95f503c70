/** Why a delivery stands as it does, where the hub itself decided it: a code and its few arguments. The sentences stand in `language`. */

import type { Verb } from "./command.ts";
import type { Automatic, Classification } from "./view.ts";
import type { ActorId, SystemId } from "./words.ts";

/** Whom something would newly reach: everybody, or the first few by their ids and how many more. */
export type Reached = "everybody" | { readonly who: readonly ActorId[]; readonly more: number };

/**
 * A ground of the hub's own. What a target or an adapter says is no ground: it stands as they said it, in `reason`, or inside a
 * ground that leads on to it.
 *
 * It goes
 *
 * public             it is public
 * known              all who can see the target could see it already
 * widened            the route says why it may reach further
 * reaction           somebody reacted
 * ended              what was sent of it before is ended
 *
 * It is not to be sent
 *
 * audience-unknown   nobody can say who can see the target
 * wider              who could not see it at its source would
 * private, private-whole, private-busy   its source says that not everybody may see it; a target that takes activities whole never gets
 *                    it; a route may carry when somebody is busy
 * bot, automatic     a machine wrote it
 * no-conversation    the route carries answers only, and nothing of the conversation stands there
 * no-parent          the same, of what it answers
 * there-itself, there-same   it is there itself, or what later evidence says is the same
 * as-it-should       what stands there needs no change
 * not-there          nothing of it stands there, and nothing is wanted
 * removed-there      what was made there was removed by somebody
 * sent-for-good      what is sent is neither edited nor taken back
 * been-there         its trail says so
 * cannot             the adapter does not perform it
 *
 * What stands there has to be seen first
 *
 * unseen, parent-unseen   what was sent before, or what it answers, has not been seen there yet
 * done-unseen        the target said that it is done, and nobody has seen it yet
 * done-unshown       the same, and a look did not show it
 *
 * A reaction is no answer to an invitation
 *
 * taken-back, said-already, in-calendar, no-calendar, not-invited
 *
 * An attempt was not answered
 *
 * interrupted        while it was sent; it is repeated under the same id
 * interrupted-unsure, interrupted-before, interrupted-after   the same, of what an application asked for: nobody can tell, or what was found
 * perhaps-done       it may have been done; a look will show it
 * perhaps-and        it may have been done, and it could not be looked for
 * attempted-then     an earlier attempt may have been done; what came of the last one
 * not-repeated       an earlier attempt may have been done, and now there is a ground not to send it
 * adapter-failed     the adapter broke
 * no-target          no system of this id takes deliveries
 * no-entry           the log does not hold what it is about
 */
export type Because =
  | {
      readonly code:
        | "public"
        | "known"
        | "reaction"
        | "ended"
        | "audience-unknown"
        | "bot"
        | "no-conversation"
        | "no-parent"
        | "there-itself"
        | "there-same"
        | "as-it-should"
        | "not-there"
        | "removed-there"
        | "sent-for-good"
        | "been-there"
        | "unseen"
        | "parent-unseen"
        | "done-unseen"
        | "done-unshown"
        | "taken-back"
        | "said-already"
        | "interrupted"
        | "interrupted-unsure"
        | "interrupted-before"
        | "interrupted-after"
        | "perhaps-done"
        | "no-entry";
    }
  | { readonly code: "widened"; readonly to: Reached; readonly why: string }
  | { readonly code: "wider"; readonly to: Reached }
  | { readonly code: "private" | "private-whole" | "private-busy"; readonly classification: Classification }
  | { readonly code: "automatic"; readonly made: Exclude<Automatic, "list" | "bot"> }
  | { readonly code: "cannot"; readonly system: SystemId; readonly kind: string; readonly verb: Verb }
  | { readonly code: "in-calendar" | "no-calendar" | "not-invited"; readonly who: ActorId }
  /** `said`: what the adapter said of it. */
  | { readonly code: "perhaps-and"; readonly said: string }
  /** `ground`: another one, or what the target or its adapter said. */
  | { readonly code: "attempted-then"; readonly ground: Because | string }
  | { readonly code: "not-repeated"; readonly ground: Because }
  | { readonly code: "adapter-failed"; readonly fault: string }
  | { readonly code: "no-target"; readonly system: SystemId };
