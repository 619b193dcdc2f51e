"""What all widgets stand on.

* ``base``: the class that each of them extends, and how it is shown in its three lives
* ``front/``: the JavaScript and the styles that they share
* ``source``: how a widget's front end is put together out of files (needs only Python)
* ``svg``: the static picture where no script runs
* ``seeded``: random numbers that Python and the browser share
* ``exploring``, ``compact``: ``d2l.explore``, and how it stores what its runs returned
"""
