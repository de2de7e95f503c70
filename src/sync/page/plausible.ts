/** Is a loss believable? An empty answer after a full one is more often a fault than a fact. Pure. */

/** Up to this many objects may vanish from any collection without a question. */
const unsuspicious = 20;

/**
 * True if so many objects would lose their last item that it must be asked again.
 * @param losing    objects that would lose their last item
 * @param standing  items standing there before
 * @param share     0–1: from which share on it is implausible; more than this
 */
export const implausible = (losing: number, standing: number, share: number): boolean =>
  losing > unsuspicious && losing > share * standing;
