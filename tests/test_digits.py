"""The digits: the file is the one that was stored, and every image is either trained on or kept for the test."""

import hashlib

import numpy as np
import pytest

from rnnbook import GRU, LSTM, RNN, Digits
from rnnbook.lab.tasks import load_digits

SHA256 = "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"  # of images, then labels


def test_the_file_holds_the_1797_images():
    images, labels = load_digits()
    assert hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest() == SHA256
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    with pytest.raises(ValueError, match="read-only"):
        images[0] = 0


@pytest.mark.parametrize(("read", "T", "D"), [("rows", 8, 8), ("pixels", 64, 1)])
def test_a_batch_reads_images_in_order(read, T, D):
    task = Digits(read)
    batch, (images, labels) = task.test, load_digits()
    assert batch.x.shape == (T, 360, D)
    np.testing.assert_array_equal(batch.x[:, 3].reshape(8, 8) * 16, images[15])
    np.testing.assert_array_equal(batch.y, labels[::5])
    assert (task.length, task.input_size) == (T, D)
    drawn = task.make_batch(np.random.default_rng(0), 50)
    assert drawn.x.shape == (T, 50, D)
    assert 0 <= drawn.x.min() <= drawn.x.max() <= 1


def test_no_test_image_is_trained_on():
    task = Digits()
    kept = {image.tobytes() for image in task.test.x.swapaxes(0, 1)}
    drawn = task.make_batch(np.random.default_rng(1), 4000).x.swapaxes(0, 1)
    assert not kept & {image.tobytes() for image in drawn}
    assert len({image.tobytes() for image in drawn}) > 1200


@pytest.mark.parametrize("cell", [RNN(), LSTM(), GRU()], ids=repr)
def test_a_batch_fits_the_model_of_its_task(cell):
    task, rng = Digits("pixels"), np.random.default_rng(0)
    model = task.model(cell)
    params = model.init_params(task.input_size, 5, task.output_size, rng)
    assert abs(model.gradients(params, task.make_batch(rng, 64)).loss - task.baseline) < 1


def test_another_reading_is_refused():
    with pytest.raises(ValueError, match=r"read is one of .*got 'columns'"):
        Digits("columns")
