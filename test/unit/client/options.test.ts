import { describe, expect, it } from 'vitest'
import {
  badOption,
  choiceOption,
  functionOption,
  integerOption,
  refuseUnknownOptions,
  signalOption,
  textOption,
} from '../../../packages/client/src/options.ts'

describe('options', () => {
  it('stand in for what is left out', () => {
    expect(integerOption({ name: 'n', value: undefined, fallback: 7, min: 1 })).toBe(7)
    expect(choiceOption({ name: 'c', value: undefined, fallback: 'a', choices: ['a', 'b'] })).toBe(
      'a',
    )
  })

  it('refuse a number out of range, with its name and what was expected', () => {
    const of = (value: number) => () =>
      integerOption({ name: 'n', value, fallback: 7, min: 1, max: 9 })
    expect(of(9)()).toBe(9)
    expect(of(10)).toThrow('n is 10; expected an integer from 1 to 9')
    expect(of(1.5)).toThrow('n is 1.5')
    expect(of(Number.NaN)).toThrow('n is NaN')
    expect(() => integerOption({ name: 'n', value: '5' as never, fallback: 1, min: 1 })).toThrow(
      'n is "5"; expected an integer of at least 1',
    )
  })

  it('refuse what is of another type, where it is given', () => {
    expect(() => functionOption({ name: 'f', value: 1 })).toThrow('f is 1; expected a function')
    expect(() => textOption({ name: 't', value: '', expected: 'a name' })).toThrow(
      't is ""; expected a name',
    )
    expect(() => signalOption('stop')).toThrow('signal is "stop"; expected an AbortSignal')
    functionOption({ name: 'f', value: undefined })
    textOption({ name: 't', value: undefined, expected: 'a name' })
    signalOption(new AbortController().signal)
  })

  it('refuse a word that is none of the choices, and an option that does not exist', () => {
    const choice = () =>
      choiceOption<string>({ name: 'c', value: 'z', fallback: 'a', choices: ['a', 'b'] })
    expect(choice).toThrow('c is "z"; expected one of "a", "b"')
    const unknown = () =>
      refuseUnknownOptions({ of: 'producer', options: { aks: 1 }, known: ['acks'] })
    expect(unknown).toThrow('producer: there is no option aks; the options are acks')
    expect(badOption({ name: 'x', value: { a: 1 }, expected: 'a list' })).toMatchObject({
      code: 'INVALID_CONFIG',
      message: 'x is {"a":1}; expected a list',
    })
  })
})
