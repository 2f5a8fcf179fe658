"""The readable reference model: Kyodo's rules once more, in plain Mesa agents, one at a time.

`sim` holds millions of agents in columns and compiles its loops. Here the same rules are written
as one would tell them: one object per resident, NPO, project, ward office and intermediary, if and
else, Python's own numbers. Both take the same keyed draws, so month by month every state must be
*identical*; `test_identical.py` holds that. Whoever wants to learn the model starts here
(with the folder `tests` on Python's path, as pytest has it):

    PYTHONPATH=tests python -c "
    from reference.model import ReferenceModel
    from sim.model.model import BurnIn
    model = ReferenceModel(BurnIn(scale=0.001).world, 'm1')
    model.step()
    print(model.month, vars(model.npos[0]))"


- `model`: the month on one page
- `residents`, `participation`: who starts, stays, changes, quits
- `npos`, `organisation`, `succession`, `intermediaries`: NPOs' money, people, leaders, survival
- `projects`, `collaboration`, `outcomes`: projects from the proposal to the last survey
- `wards`: what a ward office knows and counts
- `effects`, `measures_base`, `measures_platform`, `measures_support`, `measures_network`: measures
- `draws`: keyed randomness; `books`: counts and ledgers
- `start` and `compare`: the only two files that know the columns of `sim`

Order. Agents of a kind are visited in the order of their rows in `sim`. It matters only for the
last digits of sums of floats; where a sum is not obvious, its order is written beside it.
"""
