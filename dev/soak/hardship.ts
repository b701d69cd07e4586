/** Azure's bad days, and what others do to the scale sets, as long as it lasts. */
import { setTimeout as pause } from 'node:timers/promises';

import type { Azure } from '../stage/azure.ts';
import { applyInterference, nextInterference } from './drift.ts';
import type { Model } from './model.ts';
import type { Random } from './random.ts';
import { nextWeather } from './weather.ts';

const WEATHER_MS = 5000;
/** What is stuck is helped along every so many weathers. */
const HELP_EVERY = 4;

export class Hardship {
  readonly #azure: Azure;
  readonly #model: Model;
  readonly #random: Random;
  interferences = 0;
  faults = 0;

  constructor(azure: Azure, model: Model, random: Random) {
    this.#azure = azure;
    this.#model = model;
    this.#random = random;
  }

  /** Others lay hands on the scale sets, so many times a second. */
  async interfere(perSecond: number, ending: AbortSignal): Promise<void> {
    const random = this.#random.fork('interference');
    while (!ending.aborted) {
      const next = nextInterference(this.#model, random);
      if (next !== undefined) {
        applyInterference(this.#model, next);
        await this.#azure.drift(next.scaleSetId, next.drift);
        this.interferences += 1;
      }
      await pause(1000 / perSecond, undefined, { signal: ending }).catch(() => undefined);
    }
  }

  /** Azure fails in one way and another. */
  async spoil(ending: AbortSignal): Promise<void> {
    const random = this.#random.fork('weather');
    const ids = random.sample(
      this.#model.scaleSets.map(({ id }) => id),
      Infinity,
    );
    for (let count = 0; !ending.aborted; count += 1) {
      const { faults, operationMs, outcomes } = nextWeather(ids, count, random);
      await this.#azure.clearFaults();
      for (const fault of faults) await this.#azure.addFault(fault);
      for (const { scaleSetId, outcome } of outcomes) await this.#azure.planOutcome(scaleSetId, outcome);
      await this.#azure.settings({ operationMs });
      if (count % HELP_EVERY === 0) await this.#azure.finishOperations();
      this.faults += faults.length + outcomes.length;
      await pause(WEATHER_MS, undefined, { signal: ending }).catch(() => undefined);
    }
    await this.#azure.clearFaults();
  }
}
